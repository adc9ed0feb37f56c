/// `/notifications` in the OpenAPI document.
enum OpenAPINotifications {
    static let paths = """
        "/notifications": {"get": {
          "operationId": "listNotifications", "tags": ["Events"],
          "summary": "Who is told of events, how that goes, and what was given up.",
          "description": "Addresses and tokens of destinations are never told.",
          "responses": {
            "200": {"description": "The destinations of the tenant.",
              "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Notifications"}}}},
            "403": {"$ref": "#/components/responses/Forbidden"},
            "503": {"$ref": "#/components/responses/Unavailable"}}
        }}
        """

    static let schemas = """
        "Notifications": {
          "type": "object",
          "required": ["destinations"],
          "properties": {
            "destinations": {"type": "array", "items": {"$ref": "#/components/schemas/NotificationDestination"}}}
        },
        "NotificationDestination": {
          "type": "object",
          "required": ["name", "kind", "events", "pending", "held", "failures", "dead"],
          "properties": {
            "name": {"type": "string"},
            "kind": {"type": "string", "enum": ["slack", "webhook", "alertmanager"]},
            "events": {"type": "array", "items": {"type": "string",
              "enum": ["oom", "promise", "drift", "anomaly", "rollback", "digest"]}},
            "pending": {"type": "integer", "description": "Messages that wait."},
            "held": {"type": "integer", "description": "Messages that are counted, to be told as one."},
            "failures": {"type": "integer", "description": "Tries that failed since one went well."},
            "next_try_at": {"type": ["string", "null"], "format": "date-time"},
            "last_sent_at": {"type": ["string", "null"], "format": "date-time"},
            "last_problem": {"type": ["string", "null"], "description": "Why the last try failed."},
            "dead": {"type": "array", "description": "What was given up, newest first.",
              "items": {"$ref": "#/components/schemas/DeadNotification"}}
          }
        },
        "DeadNotification": {
          "type": "object",
          "required": ["kind", "pipeline", "stage", "step", "text", "count", "attempts", "at", "reason"],
          "properties": {
            "kind": {"type": "string"}, "pipeline": {"type": "string"}, "stage": {"type": "string"},
            "step": {"type": "string"}, "text": {"type": "string"},
            "count": {"type": "integer", "description": "How many like it it stood for."},
            "attempts": {"type": "integer"}, "at": {"type": "string", "format": "date-time"},
            "reason": {"type": "string"}
          }
        }
        """
}
