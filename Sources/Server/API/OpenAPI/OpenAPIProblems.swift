/// The error answers, which all operations share.
enum OpenAPIProblems {
    static let responses = [
        success("OK", "It is recorded."),
        success("Recommendation", "The recommendation."),
        response("Malformed", "The body is not JSON; the answer says where."),
        response("Forbidden", "The token is missing or not known."),
        response("NotFound", "There is no such thing."),
        response("RequestTimeout", "The body did not arrive in time."),
        response("Conflict", "Other content is kept under the same id, or the state does not allow it."),
        response("TooLarge", "The body is larger than the server accepts."),
        response("UnsupportedMediaType", "The Content-Encoding is not understood."),
        response("Invalid", "The body is JSON but not valid; every field that is wrong is named."),
        response("Unavailable", "Try again after the time in Retry-After."),
    ].joined(separator: ",\n")

    /// A good answer with the schema of the same name.
    private static func success(_ name: String, _ description: String) -> String {
        """
        "\(name)": {
          "description": "\(description)",
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/\(name)"}}}
        }
        """
    }

    private static func response(_ name: String, _ description: String) -> String {
        """
        "\(name)": {
          "description": "\(description)",
          "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        }
        """
    }

    /// The error answers of an operation that takes a body.
    static let forBody = """
        "400": {"$ref": "#/components/responses/Malformed"},
        "403": {"$ref": "#/components/responses/Forbidden"},
        "408": {"$ref": "#/components/responses/RequestTimeout"},
        "413": {"$ref": "#/components/responses/TooLarge"},
        "422": {"$ref": "#/components/responses/Invalid"},
        "503": {"$ref": "#/components/responses/Unavailable"}
        """
    /// The error answers of an operation that only reads something named in its path.
    static let forReading = """
        "400": {"$ref": "#/components/responses/Malformed"},
        "403": {"$ref": "#/components/responses/Forbidden"},
        "404": {"$ref": "#/components/responses/NotFound"},
        "503": {"$ref": "#/components/responses/Unavailable"}
        """
    static let notFound = ##""404": {"$ref": "#/components/responses/NotFound"}"##
    static let conflict = ##""409": {"$ref": "#/components/responses/Conflict"}"##

    static let schemas = #"""
        "Problem": {
          "type": "object",
          "description": "An error, RFC 9457.",
          "required": ["type", "title", "status", "detail"],
          "properties": {
            "type": {"type": "string", "description": "about:blank: the status says it all."},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string", "description": "What is wrong, and what would be right."},
            "errors": {"type": "array", "items": {"$ref": "#/components/schemas/FieldError"},
              "description": "With 422: every field that is wrong."}
          }
        },
        "FieldError": {
          "type": "object",
          "required": ["field", "message"],
          "properties": {
            "field": {"type": "string", "description": "Path of the field, such as steps[3].duration_s."},
            "message": {"type": "string"}
          }
        }
        """#
}
