/// `/builds/…` in the OpenAPI document.
enum OpenAPIBuilds {
    static let paths = """
        "/builds/start": {"post": {
          "operationId": "startBuild", "tags": ["Builds"],
          "summary": "A run begins.",
          "requestBody": {"required": true, "content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/BuildStart"},
            "example": {"pipeline": "demo/example-app", "run_id": "demo-42", "branch": "main", "commit": "8d1f0c2",
              "image": "gcc:14", "tools": ["cmake"], "requested_resources": {"cpu": 4, "mem_gb": 8, "concurrency": 4},
              "context": {"changed_files": 12}}}}},
          "responses": {"200": {"$ref": "#/components/responses/OK"}, \(OpenAPIProblems.conflict), \(OpenAPIProblems.forBody)}
        }},
        "/builds/step": {"post": {
          "operationId": "recordStep", "tags": ["Builds"],
          "summary": "A step begins or ends, or was observed.",
          "requestBody": {"required": true, "content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/BuildStep"},
            "example": {"run_id": "demo-42", "stage": "build", "step": "compile", "span_id": "1", "event": "stop",
              "timestamp": "2026-03-01T12:34:56Z", "counters": {"cpu_time_s": 812.5,
                "peak_memory_bytes": 4294967296, "exit_code": 0}}}}},
          "responses": {"200": {"$ref": "#/components/responses/OK"}, \(OpenAPIProblems.notFound), \(OpenAPIProblems.conflict), \(OpenAPIProblems.forBody)}
        }},
        "/builds/complete": {"post": {
          "operationId": "completeBuild", "tags": ["Builds"],
          "summary": "A run is over.", "description": "It is learned from before the answer.",
          "requestBody": {"required": true, "content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/BuildComplete"},
            "example": {"run_id": "demo-42", "status": "success", "duration_s": 431.2}}}},
          "responses": {"200": {"$ref": "#/components/responses/OK"}, \(OpenAPIProblems.notFound), \(OpenAPIProblems.conflict), \(OpenAPIProblems.forBody)}
        }}
        """

    static let schemas = #"""
        "OK": {"type": "object", "required": ["ok"], "properties": {"ok": {"type": "boolean"}}},
        "BuildStart": {
          "type": "object",
          "required": ["pipeline", "run_id", "branch", "commit", "image"],
          "properties": {
            "pipeline": {"type": "string", "minLength": 1, "maxLength": 1024},
            "run_id": {"type": "string", "minLength": 1, "maxLength": 1024,
              "description": "Chosen by the client, unique within the tenant."},
            "branch": {"type": "string"},
            "commit": {"type": "string"},
            "image": {"type": "string", "description": "Container image; may be empty."},
            "git": {"type": ["string", "null"], "description": "URL of the repository."},
            "tools": {"type": ["array", "null"], "items": {"type": "string"}},
            "k8s_node": {"type": ["string", "null"]},
            "requested_resources": {"$ref": "#/components/schemas/RequestedResources"},
            "recommendation_id": {"type": ["string", "null"], "description": "The recommendation this run follows."},
            "context": {"$ref": "#/components/schemas/Context"},
            "started_at": {"type": ["string", "null"], "format": "date-time"},
            "ci": {"$ref": "#/components/schemas/CISystem"},
            "fail_open": {"type": ["string", "null"], "description":
              "Why the run goes on without the settings it asked for: unreachable, timeout, refused, unexpected_answer. Counted in /metrics."}
          }
        },
        "CISystem": {
          "type": ["object", "null"],
          "properties": {
            "system": {"type": ["string", "null"]},
            "url": {"type": ["string", "null"]},
            "attempt": {"type": ["integer", "null"], "minimum": 1, "maximum": 10000, "description": "1 is the first."}
          }
        },
        "RequestedResources": {
          "type": ["object", "null"],
          "description": "What a run or step was given.",
          "properties": {
            "cpu": {"type": ["number", "null"], "minimum": 0.001, "maximum": 4096, "description": "Cores."},
            "mem_gb": {"type": ["number", "null"], "minimum": 0, "maximum": 65536},
            "concurrency": {"type": ["integer", "null"], "minimum": 1, "maximum": 4096,
              "description": "Jobs at once."}
          }
        },
        "BuildStep": {
          "type": "object",
          "required": ["run_id", "stage", "step", "span_id", "event", "timestamp"],
          "properties": {
            "run_id": {"type": "string", "minLength": 1},
            "stage": {"type": "string", "description": "May be empty."},
            "step": {"type": "string", "minLength": 1},
            "span_id": {"type": "string", "minLength": 1, "description": "Names the step within the run."},
            "event": {"enum": ["start", "stop", "usage"],
              "description": "usage: what an agent beside the build saw the step use so far; the newest counts, and a step nobody told of is made. What the build measured itself counts more."},
            "timestamp": {"type": "string", "format": "date-time"},
            "counters": {"$ref": "#/components/schemas/Counters"},
            "final": {"type": ["boolean", "null"],
              "description": "With usage: false while the step goes on. Learning from a run that is over waits some 10 s for the last one."}
          }
        },
        "Counters": {
          "type": ["object", "null"],
          "description": "What the step used; with stop and usage. What could not be measured is left out.",
          "properties": {
            "cpu_time_s": {"type": ["number", "null"], "minimum": 0},
            "cpu_user_s": {"type": ["number", "null"], "minimum": 0},
            "cpu_system_s": {"type": ["number", "null"], "minimum": 0},
            "wall_s": {"type": ["number", "null"], "minimum": 0},
            "rss_max_bytes": {"type": ["number", "null"], "minimum": 0, "description": "Largest single process."},
            "peak_memory_bytes": {"type": ["number", "null"], "minimum": 0,
              "description": "High-water mark of the step's cgroup, page cache included."},
            "unreclaimable_peak_bytes": {"type": ["number", "null"], "minimum": 0,
              "description": "High-water mark of what cannot be reclaimed: what sizes."},
            "memory_source": {"enum": ["cgroup_v2", "cgroup_v1", "shared_cgroup", "sampled_pss", "sampled_rss",
              "largest_process", null]},
            "io_r_bytes": {"type": ["number", "null"], "minimum": 0},
            "io_w_bytes": {"type": ["number", "null"], "minimum": 0},
            "voluntary_context_switches": {"type": ["number", "null"], "minimum": 0},
            "involuntary_context_switches": {"type": ["number", "null"], "minimum": 0},
            "cache_hits": {"type": ["number", "null"], "minimum": 0},
            "cache_misses": {"type": ["number", "null"], "minimum": 0},
            "throttled_s": {"type": ["number", "null"], "minimum": 0},
            "psi_cpu_s": {"type": ["number", "null"], "minimum": 0},
            "psi_memory_s": {"type": ["number", "null"], "minimum": 0},
            "psi_io_s": {"type": ["number", "null"], "minimum": 0},
            "oom_kills": {"type": ["number", "null"], "minimum": 0,
              "description": "Kills counted by the step's own cgroup."},
            "exit_code": {"type": ["integer", "null"]},
            "signal": {"type": ["integer", "null"], "minimum": 0, "maximum": 64},
            "settings": {"$ref": "#/components/schemas/RequestedResources"}
          }
        },
        "BuildComplete": {
          "type": "object",
          "required": ["run_id", "status", "duration_s"],
          "properties": {
            "run_id": {"type": "string", "minLength": 1},
            "status": {"enum": ["success", "failure", "failed", "aborted", "cancelled", "canceled", "cancellation",
              "error", "timeout", "oom_killed"]},
            "duration_s": {"type": "number", "minimum": 0, "maximum": 315360000},
            "artifacts": {"type": ["array", "null"], "items": {"$ref": "#/components/schemas/Artifact"}},
            "cache": {"type": ["object", "null"], "description": "Free-form statistics of the cache."}
          }
        },
        "Artifact": {
          "type": "object",
          "required": ["name", "size"],
          "properties": {"name": {"type": "string", "minLength": 1}, "size": {"type": "number", "minimum": 0,
            "description": "Bytes."}}
        }
        """#
}
