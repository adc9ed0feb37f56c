/// `/tokens` and `/audit` in the OpenAPI document.
enum OpenAPITokens {
    private static let id = """
        "parameters": [{"name": "token_id", "in": "path", "required": true, "schema": {"type": "string"}}],
        """

    static let paths = """
        "/tokens": {
          "get": {
            "operationId": "listTokens", "tags": ["Tokens"],
            "summary": "All tokens of the tenant, oldest first, without their secrets.",
            "responses": {
              "200": {"description": "The tokens.",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Tokens"}}}},
              "403": {"$ref": "#/components/responses/Forbidden"},
              "503": {"$ref": "#/components/responses/Unavailable"}}
          },
          "post": {
            "operationId": "createToken", "tags": ["Tokens"],
            "summary": "Makes a token for the caller's tenant. Its secret is told once, in this answer.",
            "requestBody": {"required": true, "content": {"application/json": {
              "schema": {"$ref": "#/components/schemas/TokenRequest"},
              "example": {"name": "jenkins", "scopes": ["ingest"], "expires_in_s": 7776000}}}},
            "responses": {
              "201": {"description": "The token.",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewToken"}}}},
              \(OpenAPIProblems.forBody)}
          }
        },
        "/tokens/{token_id}": {"delete": {
          "operationId": "revokeToken", "tags": ["Tokens"],
          "summary": "Ends a token now, on other servers within 5 s. Doing it again changes nothing.",
          \(id)
          "responses": {"200": {"$ref": "#/components/responses/OK"}, \(OpenAPIProblems.forReading)}
        }},
        "/tokens/{token_id}/rotate": {"post": {
          "operationId": "rotateToken", "tags": ["Tokens"],
          "summary": "Makes a successor with the same name, scopes and lifetime; both work for the overlap.",
          \(id)
          "requestBody": {"required": true, "content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/RotateRequest"}, "example": {"overlap_s": 86400}}}},
          "responses": {
            "201": {"description": "The successor.",
              "content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewToken"}}}},
            \(OpenAPIProblems.notFound), \(OpenAPIProblems.conflict), \(OpenAPIProblems.forBody)}
        }},
        "/audit": {"get": {
          "operationId": "listAuditLog", "tags": ["Tokens"],
          "summary": "Who made, rotated or revoked tokens, trained and chose models; newest first.",
          "parameters": [
            {"name": "before", "in": "query", "required": false, "schema": {"type": "integer", "minimum": 1},
              "description": "next of the page before."},
            {"name": "limit", "in": "query", "required": false,
              "schema": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 200}}],
          "responses": {
            "200": {"description": "A page.",
              "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Audit"}}}},
            "403": {"$ref": "#/components/responses/Forbidden"},
            "422": {"$ref": "#/components/responses/Invalid"},
            "503": {"$ref": "#/components/responses/Unavailable"}}
        }}
        """

    static let schemas = """
        "TokenRequest": {
          "type": "object",
          "required": ["name", "scopes"],
          "properties": {
            "name": {"type": "string", "minLength": 1},
            "scopes": {"type": "array", "minItems": 1,
              "items": {"type": "string", "enum": ["ingest", "read", "operate", "admin"]},
              "description": "ingest: report builds and ask for recommendations. operate includes read, admin all."},
            "expires_in_s": {"type": ["number", "null"], "minimum": 60, "maximum": 315360000,
              "description": "Absent: never."}
          }
        },
        "RotateRequest": {
          "type": "object",
          "properties": {"overlap_s": {"type": ["number", "null"], "minimum": 0, "maximum": 2592000, "default": 86400}}
        },
        "Token": {
          "type": "object",
          "required": ["id", "name", "scopes", "created_at", "valid"],
          "properties": {
            "id": {"type": "string"}, "name": {"type": "string"},
            "scopes": {"type": "array", "items": {"type": "string"}},
            "created_at": {"type": "string", "format": "date-time"},
            "expires_at": {"type": ["string", "null"], "format": "date-time"},
            "revoked_at": {"type": ["string", "null"], "format": "date-time"},
            "valid": {"type": "boolean", "description": "Whether it opens anything now."}
          }
        },
        "Tokens": {
          "type": "object",
          "required": ["tokens"],
          "properties": {"tokens": {"type": "array", "items": {"$ref": "#/components/schemas/Token"}}}
        },
        "NewToken": {
          "type": "object",
          "required": ["token", "info"],
          "properties": {
            "token": {"type": "string", "description": "The secret, im_ and 256 random bits. It is kept nowhere."},
            "info": {"$ref": "#/components/schemas/Token"}
          }
        },
        "Audit": {
          "type": "object",
          "required": ["entries"],
          "properties": {
            "entries": {"type": "array", "items": {
              "type": "object",
              "required": ["number", "at", "actor", "action", "subject"],
              "properties": {
                "number": {"type": "integer"}, "at": {"type": "string", "format": "date-time"},
                "actor": {"type": "string", "description": "Id of the token, or configured."},
                "action": {"type": "string"}, "subject": {"type": "string"}
              }}},
            "next": {"type": ["integer", "null"], "description": "before of the next page."}
          }
        }
        """
}
