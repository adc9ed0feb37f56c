/// `/events` in the OpenAPI document.
enum OpenAPIEvents {
    static let paths = """
        "/events": {"get": {
          "operationId": "listEvents", "tags": ["Events"],
          "summary": "OOM kills, drift, anomalies and rollbacks, newest first.",
          "description": "Events never change what is recommended.",
          "parameters": [
            {"name": "pipeline", "in": "query", "required": false, "schema": {"type": "string"},
              "description": "Only those of this pipeline."},
            {"name": "run_id", "in": "query", "required": false, "schema": {"type": "string"},
              "description": "Only those of this run."},
            {"name": "limit", "in": "query", "required": false,
              "schema": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 200}}],
          "responses": {
            "200": {"description": "The events.",
              "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Events"}}}},
            "403": {"$ref": "#/components/responses/Forbidden"},
            "422": {"$ref": "#/components/responses/Invalid"},
            "503": {"$ref": "#/components/responses/Unavailable"}}
        }}
        """

    static let schemas = """
        "Events": {
          "type": "object",
          "required": ["events"],
          "properties": {"events": {"type": "array", "items": {"$ref": "#/components/schemas/Event"}}}
        },
        "Event": {
          "type": "object",
          "required": ["kind", "pipeline", "stage", "step", "at", "text"],
          "properties": {
            "kind": {"type": "string", "enum": ["anomaly", "drift", "rollback", "oom_rate", "oom_kill"]},
            "pipeline": {"type": "string"}, "stage": {"type": "string"}, "step": {"type": "string"},
            "at": {"type": "string", "format": "date-time", "description": "When the run that raised it began."},
            "run_id": {"type": ["string", "null"], "description": "That run."},
            "text": {"type": "string", "description": "For a person, with the numbers before and after."},
            "before": {"type": ["number", "null"]}, "after": {"type": ["number", "null"]},
            "unit": {"type": ["string", "null"], "enum": ["s", "cpu_s", "gb", null]},
            "runs": {"type": ["integer", "null"], "description": "Runs it was found in."},
            "had_gb": {"type": ["number", "null"], "description": "Of a kill: memory the step had."},
            "reached_gb": {"type": ["number", "null"], "description": "What it reached."},
            "next_gb": {"type": ["number", "null"], "description": "What the next run gets at least."}
          }
        }
        """
}
