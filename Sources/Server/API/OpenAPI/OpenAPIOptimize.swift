/// `/optimize` and `/recommendations` in the OpenAPI document.
enum OpenAPIOptimize {
    static let paths = """
        "/optimize": {"post": {
          "operationId": "optimize", "tags": ["Recommendations"],
          "summary": "Sizes the next run.",
          "description": "Without step, all known steps of the stage or pipeline are covered. \
          The recommendation is kept before the answer: name its id in /builds/start.",
          "requestBody": {"required": true, "content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/Optimize"},
            "example": {"pipeline": "demo/example-app", "context": {"tool": "cmake", "max_rss_gb": 4,
              "num_steps": 5, "avg_step_duration_s": 60}}}}},
          "responses": {"200": {"$ref": "#/components/responses/Recommendation"}, \(OpenAPIProblems.forBody)}
        }},
        "/recommendations/{id}": {"get": {
          "operationId": "getRecommendation", "tags": ["Recommendations"],
          "summary": "A recommendation given earlier, as it was given.",
          "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
          "responses": {"200": {"$ref": "#/components/responses/Recommendation"}, \(OpenAPIProblems.forReading)}
        }}
        """

    static let schemas = #"""
        "Optimize": {
          "type": "object",
          "required": ["pipeline", "context"],
          "properties": {
            "pipeline": {"type": "string", "minLength": 1, "maxLength": 1024},
            "stage": {"type": ["string", "null"]},
            "step": {"type": ["string", "null"]},
            "run_id": {"type": ["string", "null"]},
            "context": {"$ref": "#/components/schemas/RequiredContext"},
            "constraints": {"$ref": "#/components/schemas/Constraints"},
            "objective": {"$ref": "#/components/schemas/Objective"}
          }
        },
        "Constraints": {
          "type": ["object", "null"],
          "description": "Bounds of the caller; unknown keys are ignored.",
          "properties": {
            "max_concurrency": {"type": ["integer", "null"], "minimum": 1, "maximum": 4096},
            "min_ram_gb": {"type": ["number", "null"], "minimum": 0, "maximum": 65536},
            "max_cpu": {"type": ["number", "null"], "minimum": 0.001, "maximum": 4096},
            "max_mem_gb": {"type": ["number", "null"], "minimum": 0.0009765625, "maximum": 65536},
            "deadline_s": {"type": ["number", "null"], "minimum": 0, "maximum": 315360000},
            "oom_risk": {"type": ["number", "null"], "minimum": 0.000001, "maximum": 0.5,
              "description": "Accepted probability of an OOM kill."}
          }
        },
        "Objective": {
          "type": ["object", "null"],
          "description": "Only the ratio matters; not both 0.",
          "properties": {
            "time_weight": {"type": ["number", "null"], "minimum": 0, "maximum": 1000000},
            "cost_weight": {"type": ["number", "null"], "minimum": 0, "maximum": 1000000}
          }
        },
        "Context": {
          "type": ["object", "null"],
          "description": "What is known before the run; see RequiredContext for its keys."
        },
        "RequiredContext": {
          "type": "object",
          "description": "What is known before the run. All optional; other keys are kept and may become features.",
          "properties": {
            "tool": {"type": ["string", "null"]},
            "repo": {"type": ["string", "null"]},
            "branch": {"type": ["string", "null"]},
            "image": {"type": ["string", "null"]},
            "arch": {"type": ["string", "null"]},
            "worker_pool": {"type": ["string", "null"]},
            "max_rss_gb": {"type": ["number", "null"], "minimum": 0, "maximum": 65536,
              "description": "Largest memory seen; no less than 1.2 times this is recommended."},
            "max_rss_bytes": {"type": ["number", "null"], "minimum": 0},
            "io_read_gb": {"type": ["number", "null"]},
            "io_write_gb": {"type": ["number", "null"]},
            "cache_hit_ratio": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
            "cache_state": {"enum": ["cold", "partial", "warm", null]},
            "num_steps": {"type": ["number", "null"], "minimum": 0, "maximum": 1000000},
            "avg_step_duration_s": {"type": ["number", "null"], "minimum": 0, "maximum": 315360000},
            "duration_s": {"type": ["number", "null"], "minimum": 0, "maximum": 315360000,
              "description": "Of a mean run today."},
            "cost_usd": {"type": ["number", "null"], "minimum": 0, "description": "Of a mean run today."},
            "changed_files": {"type": ["number", "null"], "minimum": 0},
            "changed_lines": {"type": ["number", "null"], "minimum": 0},
            "last_success": {"$ref": "#/components/schemas/ContextSettings"},
            "baseline": {"$ref": "#/components/schemas/ContextSettings"}
          }
        },
        "ContextSettings": {
          "type": ["object", "null"],
          "description": "baseline is what would run without us; last_success is what ran last.",
          "properties": {
            "concurrency": {"type": ["number", "null"], "minimum": 1, "maximum": 4096},
            "cpu_req": {"type": ["number", "null"], "minimum": 0.001, "maximum": 4096},
            "mem_req_gb": {"type": ["number", "null"], "minimum": 0, "maximum": 65536},
            "cache_size_gb": {"type": ["number", "null"], "minimum": 0}
          }
        },
        "Recommendation": {
          "type": "object",
          "required": ["suggestions", "rationale", "confidence", "recommendation_id", "mode", "source", "explored",
            "propensity",
            "predicted", "limits", "steps", "reasons", "guardrails", "model_version", "expires_at"],
          "properties": {
            "suggestions": {"$ref": "#/components/schemas/Suggestions"},
            "rationale": {"type": "string", "description": "One sentence a person can act on."},
            "confidence": {"type": "number", "minimum": 0, "maximum": 1},
            "recommendation_id": {"type": "string"},
            "mode": {"enum": ["suggest"]},
            "source": {"enum": ["model", "history", "prior", "fallback"]},
            "explored": {"type": "boolean", "description": "Something else was tried, inside the safe set."},
            "propensity": {"type": "number", "description": "Probability with which these settings were chosen."},
            "predicted": {"type": "object",
              "description": "duration_s and peak_memory_gb by quantile, oom_probability, cost_usd."},
            "baseline": {"type": "object",
              "description": "The settings in force without us, and what they would lead to."},
            "limits": {"$ref": "#/components/schemas/Limits"},
            "steps": {"type": "object", "description": "What each known step needs, by name."},
            "reasons": {"type": "array", "items": {"$ref": "#/components/schemas/Reason"}},
            "guardrails": {"type": "array", "items": {"$ref": "#/components/schemas/GuardrailAction"}},
            "model_version": {"type": "string"},
            "expires_at": {"type": "string", "format": "date-time"}
          }
        },
        "Suggestions": {
          "type": "object",
          "description": "Rounded for clients that convert to integers.",
          "required": ["concurrency", "cpu_req", "mem_req_gb", "cache"],
          "properties": {
            "concurrency": {"type": "integer"},
            "cpu_req": {"type": "number"},
            "mem_req_gb": {"type": "integer"},
            "cache": {"type": "object", "properties": {"ccache": {"type": "boolean"}, "size_gb": {"type": "number"}}}
          }
        },
        "Limits": {
          "type": "object",
          "description": "The exact settings.",
          "required": ["cpu", "mem_gb"],
          "properties": {"cpu": {"type": "number"}, "mem_gb": {"type": "number"}}
        },
        "Reason": {
          "type": "object",
          "required": ["code", "text", "evidence"],
          "properties": {
            "code": {"type": "string"}, "text": {"type": "string"}, "evidence": {"type": "object",
              "description": "The numbers behind it."}
          }
        },
        "GuardrailAction": {
          "type": "object",
          "description": "A hard rule that changed a setting after the choice.",
          "required": ["name", "setting", "before", "after"],
          "properties": {
            "name": {"type": "string"}, "setting": {"enum": ["jobs", "cpu", "memory"]},
            "before": {"type": "number"}, "after": {"type": "number"}
          }
        }
        """#
}
