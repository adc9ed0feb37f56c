/// `/runs` and `/features` in the OpenAPI document.
enum OpenAPIRuns {
    static let paths = """
        "/batch": {"post": {
          "operationId": "sendBatch", "tags": ["Runs"],
          "summary": "Many reports at once: one JSON object per line, as the endpoints of their own take it.",
          "description": "Content-Encoding gzip is understood. Lines of one run are carried out in their order. A bad line is counted and the rest go on; the same batch again changes nothing.",
          "requestBody": {"required": true, "content": {"application/x-ndjson": {
            "schema": {"$ref": "#/components/schemas/BatchLine"},
            "example": "{\\"complete\\":{\\"run_id\\":\\"r1\\",\\"status\\":\\"success\\",\\"duration_s\\":412}}"}}},
          "responses": {
            "200": {"description": "What became of the lines.",
              "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Batch"}}}},
            "415": {"$ref": "#/components/responses/UnsupportedMediaType"},
            \(OpenAPIProblems.forBody)}
        }},
        "/runs": {"post": {
          "operationId": "ingestRun", "tags": ["Runs"],
          "summary": "Records a whole run that already happened.",
          "description": "The same build of the same pipeline is one run: sent again, it changes nothing. Its id is pipeline#build_number.",
          "requestBody": {"required": true, "content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/WholeRun"},
            "example": {"pipeline": "demo/example-app", "build_number": 41, "git_sha": "8d1f0c2",
              "git_branch": "main",
              "start_time": "2026-03-01T12:00:00Z", "duration_s": 431, "status": "success", "tool": "cmake",
              "concurrency": 4, "cpu_req": 4, "mem_req_gb": 8,
              "steps": [{"name": "compile", "duration_s": 400, "cpu_usage_pct": 350, "rss_max_bytes": 4294967296,
                "exit_code": 0}]}}}},
          "responses": {
            "201": {"description": "The run is kept.", "content": {"application/json": {
              "schema": {"$ref": "#/components/schemas/Ingested"}, "example": {"status": "ingested", "run_id": 17}}}},
            \(OpenAPIProblems.conflict), \(OpenAPIProblems.forBody)}
        }},
        "/runs/{run_id}": {"get": {
          "operationId": "getRun", "tags": ["Runs"],
          "summary": "A run as it was reported, with what stood out in it.",
          "description": "Its events are the anomalies of this run and what it gave cause to say about its steps.",
          "parameters": [{"name": "run_id", "in": "path", "required": true, "schema": {"type": "string"},
            "description": "As the client chose it; a slash or # in it percent-encoded."}],
          "responses": {
            "200": {"description": "The run.",
              "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Run"}}}},
            \(OpenAPIProblems.forReading)}
        }},
        "/history": {"get": {
          "operationId": "listHistory", "tags": ["Runs"],
          "summary": "What was learned from, oldest first: every attempt at every step.",
          "description": "A page at a time: `next` is the `after` of the following page, and null on the last.",
          "parameters": [
            {"name": "pipeline", "in": "query", "required": false, "schema": {"type": "string"},
              "description": "Only attempts of this pipeline."},
            {"name": "after", "in": "query", "required": false, "schema": {"type": "integer", "minimum": 0, "default": 0}},
            {"name": "limit", "in": "query", "required": false,
              "schema": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 500}}],
          "responses": {
            "200": {"description": "A page.",
              "content": {"application/json": {"schema": {"$ref": "#/components/schemas/History"}}}},
            "403": {"$ref": "#/components/responses/Forbidden"},
            "422": {"$ref": "#/components/responses/Invalid"},
            "503": {"$ref": "#/components/responses/Unavailable"}}
        }},
        "/features/{run_id}": {"get": {
          "operationId": "getFeatures", "tags": ["Runs"],
          "summary": "What learning sees of a run.",
          "description": "Described by its context and by earlier runs only; the label says what it came to.",
          "parameters": [{"name": "run_id", "in": "path", "required": true, "schema": {"type": "string"},
            "description": "As the client chose it; a slash or # in it percent-encoded."}],
          "responses": {
            "200": {"description": "The run's features.",
              "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Features"}}}},
            \(OpenAPIProblems.forReading)}
        }}
        """

    static let schemas = #"""
        "BatchLine": {
          "type": "object",
          "description": "Exactly one of these; inside is the body of the endpoint of that name.",
          "properties": {
            "start": {"type": "object"}, "step": {"type": "object"}, "complete": {"type": "object"},
            "run": {"type": "object"}
          }
        },
        "Batch": {
          "type": "object",
          "required": ["accepted", "unchanged", "refused", "problems"],
          "properties": {
            "accepted": {"type": "integer"}, "unchanged": {"type": "integer"}, "refused": {"type": "integer"},
            "problems": {"type": "array", "description": "The first hundred refused lines.", "items": {
              "type": "object",
              "required": ["line", "status", "detail"],
              "properties": {
                "line": {"type": "integer", "description": "From 1."},
                "status": {"type": "integer", "description": "What the endpoint of its own would have answered."},
                "detail": {"type": "string"},
                "errors": {"type": "array", "items": {"$ref": "#/components/schemas/FieldError"}}
              }}}
          }
        },
        "WholeRun": {
          "type": "object",
          "required": ["pipeline", "build_number", "start_time", "status"],
          "description": "One of duration_s and end_time is needed, for the run and for each step.",
          "properties": {
            "pipeline": {"type": "string", "minLength": 1, "maxLength": 1024},
            "build_number": {"type": ["integer", "string"]},
            "git_sha": {"type": ["string", "null"]},
            "git_branch": {"type": ["string", "null"]},
            "start_time": {"type": "string", "format": "date-time"},
            "end_time": {"type": ["string", "null"], "format": "date-time"},
            "duration_s": {"type": ["number", "null"], "minimum": 0, "maximum": 315360000},
            "status": {"enum": ["success", "failure", "failed", "aborted", "cancelled", "canceled", "cancellation",
              "error", "timeout", "oom_killed"]},
            "tool": {"type": ["string", "null"]},
            "concurrency": {"type": ["integer", "null"], "minimum": 1, "maximum": 4096},
            "cpu_req": {"type": ["number", "null"], "minimum": 0.001, "maximum": 4096},
            "mem_req_gb": {"type": ["number", "null"], "minimum": 0, "maximum": 65536},
            "steps": {"type": ["array", "null"], "maxItems": 2000,
              "items": {"$ref": "#/components/schemas/WholeRunStep"}}
          }
        },
        "WholeRunStep": {
          "type": "object",
          "required": ["name"],
          "properties": {
            "name": {"type": "string", "minLength": 1},
            "start_time": {"type": ["string", "null"], "format": "date-time"},
            "end_time": {"type": ["string", "null"], "format": "date-time"},
            "duration_s": {"type": ["number", "null"], "minimum": 0},
            "cpu_usage_pct": {"type": ["number", "null"], "minimum": 0,
              "description": "Of one core: 250 is two and a half cores."},
            "rss_max_bytes": {"type": ["number", "null"], "minimum": 0},
            "io_r_bytes": {"type": ["number", "null"], "minimum": 0},
            "io_w_bytes": {"type": ["number", "null"], "minimum": 0},
            "exit_code": {"type": ["integer", "null"]}
          }
        },
        "Ingested": {
          "type": "object",
          "required": ["status", "run_id"],
          "properties": {
            "status": {"enum": ["ingested"]},
            "run_id": {"type": "integer", "description": "The server's own number of the run."}
          }
        },
        "Run": {
          "type": "object",
          "required": ["run_id", "pipeline", "branch", "commit", "image", "started_at", "requested_resources", "steps",
            "events"],
          "properties": {
            "run_id": {"type": "string"}, "pipeline": {"type": "string"}, "branch": {"type": "string"},
            "commit": {"type": "string"}, "image": {"type": "string"},
            "started_at": {"type": "string", "format": "date-time"},
            "status": {"type": ["string", "null"], "description": "Null while it runs."},
            "duration_s": {"type": ["number", "null"]},
            "recommendation_id": {"type": ["string", "null"], "description": "The recommendation it followed."},
            "attempt": {"type": ["integer", "null"]},
            "requested_resources": {"type": "object"},
            "steps": {"type": "array", "items": {"type": "object",
              "required": ["stage", "step", "span_id", "started_at"],
              "properties": {
                "stage": {"type": "string"}, "step": {"type": "string"}, "span_id": {"type": "string"},
                "started_at": {"type": "string", "format": "date-time"},
                "stopped_at": {"type": ["string", "null"], "format": "date-time"},
                "counters": {"type": ["object", "null"], "description": "As they were reported."}}}},
            "events": {"type": "array", "items": {"$ref": "#/components/schemas/Event"}}
          }
        },
        "History": {
          "type": "object",
          "required": ["builds"],
          "properties": {
            "builds": {"type": "array", "items": {"type": "object",
              "required": ["number", "run_id", "pipeline", "stage", "step", "started_at", "status", "attempt", "context",
                "counters"],
              "properties": {
                "number": {"type": "integer"}, "run_id": {"type": "string"}, "pipeline": {"type": "string"},
                "stage": {"type": "string"}, "step": {"type": "string"},
                "started_at": {"type": "string", "format": "date-time"}, "status": {"type": "string"},
                "attempt": {"type": "integer", "minimum": 1}, "context": {"type": "object"},
                "counters": {"type": "object"}}}},
            "next": {"type": ["integer", "null"]}
          }
        },
        "Features": {
          "type": "object",
          "required": ["run_id", "vector", "label", "created_at"],
          "properties": {
            "run_id": {"type": "string"},
            "vector": {"type": "object", "additionalProperties": {"type": ["number", "null"]},
              "description": "Named numbers; null where nothing is known."},
            "label": {"type": "object", "additionalProperties": {"type": ["number", "null"]},
              "description": "duration_s, success, oom_killed, peak_memory_gb, cpu_time_s."},
            "created_at": {"type": "string", "format": "date-time"}
          }
        }
        """#
}
