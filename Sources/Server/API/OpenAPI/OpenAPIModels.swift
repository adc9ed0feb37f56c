/// `/models` in the OpenAPI document.
enum OpenAPIModels {
    static let paths = """
        "/models": {"get": {
          "operationId": "listModels", "tags": ["Models"],
          "summary": "All versions, newest first; none, the closed form, comes last.",
          "responses": {
            "200": {"description": "The versions.",
              "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Models"}}}},
            "403": {"$ref": "#/components/responses/Forbidden"},
              "503": {"$ref": "#/components/responses/Unavailable"}}
        }},
        "/models/train": {"post": {
          "operationId": "trainModel", "tags": ["Models"],
          "summary": "Trains a model now, and puts it into force if it is no worse.",
          "description": "Training also happens by itself as runs come in. 409 when LightGBM is missing or too little is known.",
          "responses": {
            "201": {"description": "The model.",
              "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Trained"}}}},
            \(OpenAPIProblems.conflict), "403": {"$ref": "#/components/responses/Forbidden"},
              "503": {"$ref": "#/components/responses/Unavailable"}}
        }},
        "/models/{version}/activate": {"post": {
          "operationId": "activateModel", "tags": ["Models"],
          "summary": "Puts a version into force; none goes back to the closed form.",
          "description": "After going back, newly trained models wait until one is activated.",
          "parameters": [{"name": "version", "in": "path", "required": true, "schema": {"type": "string"}}],
          "responses": {
            "200": {"description": "It is in force.", "content": {"application/json": {
              "schema": {"$ref": "#/components/schemas/Activated"}, "example": {"active": "none"}}}},
            \(OpenAPIProblems.conflict), \(OpenAPIProblems.forReading)}
        }}
        """

    static let schemas = #"""
        "Model": {
          "type": "object",
          "required": ["version", "active", "metrics"],
          "properties": {
            "version": {"type": "string"},
            "created_at": {"type": ["string", "null"], "format": "date-time"},
            "active": {"type": "boolean"},
            "metrics": {"type": "object", "additionalProperties": {"type": "number"},
              "description": "On the newest fifth of the runs, held out: pinball_loss, mae (GiB), coverage, sharpness. \#
              accepted is 1 when it was no worse than the model then in force."}
          }
        },
        "Models": {
          "type": "object",
          "required": ["active", "models"],
          "properties": {
            "active": {"type": "string", "description": "The version in force; none for the closed form."},
            "models": {"type": "array", "items": {"$ref": "#/components/schemas/Model"}}
          }
        },
        "Trained": {
          "type": "object",
          "required": ["model", "reason"],
          "properties": {
            "model": {"$ref": "#/components/schemas/Model"},
            "reason": {"type": "string", "description": "Why it went into force, or did not."}
          }
        },
        "Activated": {"type": "object", "required": ["active"], "properties": {"active": {"type": "string"}}}
        """#
}
