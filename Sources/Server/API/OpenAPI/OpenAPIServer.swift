/// The open endpoints in the OpenAPI document.
enum OpenAPIServer {
    static let paths = #"""
        "/healthz": {"get": {
          "operationId": "getHealth", "tags": ["Server"], "security": [],
          "summary": "Is the process alive?",
          "responses": {"200": {"description": "Yes.", "content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/Health"},
            "example": {"status": "ok", "version": "0.1.0", "timestamp": "2026-03-01T12:30:00Z"}}}}}
        }},
        "/readyz": {"get": {
          "operationId": "getReadiness", "tags": ["Server"], "security": [],
          "summary": "Can it do its work?",
          "responses": {
            "200": {"description": "Yes.",
              "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Readiness"}}}},
            "503": {"description": "Something it needs is down.",
              "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Readiness"}}}}}
        }},
        "/": {"get": {
          "operationId": "getRoot", "tags": ["Server"], "security": [],
          "summary": "Who answers here; a browser gets a page.",
          "responses": {"200": {"description": "The service.", "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/Root"}},
              "text/html": {"schema": {"type": "string"}}}}}
        }},
        "/docs": {"get": {
          "operationId": "getDocs", "tags": ["Server"], "security": [],
          "summary": "This reference, for people.",
          "responses": {"200": {"description": "A page.", "content": {"text/html": {"schema": {"type": "string"}}}}}
        }},
        "/openapi.json": {"get": {
          "operationId": "getOpenAPI", "tags": ["Server"], "security": [],
          "summary": "This reference, for programs.",
          "responses": {"200": {"description": "An OpenAPI 3.1 document.",
            "content": {"application/json": {"schema": {"type": "object"}}}}}
        }},
        "/metrics": {"get": {
          "operationId": "getMetrics", "tags": ["Server"], "security": [{}, {"token": []}],
          "summary": "Prometheus text.",
            "description": "Needs a token, also as a bearer token, when metrics-public is off.",
          "responses": {
            "200": {"description": "Metrics.", "content": {"text/plain": {"schema": {"type": "string"}}}},
            "403": {"$ref": "#/components/responses/Forbidden"}}
        }}
        """#

    static let schemas = #"""
        "Health": {
          "type": "object",
          "required": ["status", "version", "timestamp"],
          "properties": {"status": {"enum": ["ok"]}, "version": {"type": "string"}, "timestamp": {"type": "string",
            "format": "date-time"}}
        },
        "Readiness": {
          "type": "object",
          "required": ["status", "version", "dependencies"],
          "properties": {
            "status": {"enum": ["ready", "unavailable"]},
            "version": {"type": "string"},
            "dependencies": {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/Dependency"}}
          }
        },
        "Dependency": {
          "type": "object",
          "required": ["status"],
          "properties": {
            "status": {"type": "string",
              "description": "store: up, down; learner: ready, rebuilding; lightgbm: available, absent."},
            "latency_ms": {"type": "number"},
            "tenants": {"type": "integer"},
            "tenants_behind": {"type": "integer", "description": "Tenants with runs that wait to be learned again."}
          }
        },
        "Root": {
          "type": "object",
          "required": ["service", "version", "docs"],
          "properties": {"service": {"type": "string"}, "version": {"type": "string"}, "docs": {"type": "string"}}
        }
        """#
}
