import Builds
import Foundation

/// The description of the API for programs, OpenAPI 3.1. Written by hand, a file for each resource; a test compares it
/// with the routes.
enum OpenAPIDocument {
    private static let paths = [
        OpenAPIBuilds.paths, OpenAPIRuns.paths, OpenAPIOptimize.paths, OpenAPIModels.paths, OpenAPIEvents.paths,
        OpenAPINotifications.paths, OpenAPITokens.paths, OpenAPIServer.paths,
    ]
    private static let schemas = [
        OpenAPIBuilds.schemas, OpenAPIRuns.schemas, OpenAPIOptimize.schemas, OpenAPIModels.schemas,
        OpenAPIEvents.schemas, OpenAPINotifications.schemas,
        OpenAPITokens.schemas, OpenAPIServer.schemas,
    ]

    static let json = """
        {
        "openapi": "3.1.0",
        "info": {
          "title": "InfraMind API",
          "version": "\(Version.current)",
          "description": "Report what builds did, and ask what the next one should get. GB always means GiB.",
          "license": {"name": "MIT", "identifier": "MIT"}
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "tags": [
          {"name": "Builds", "description": "A run as it happens, in three kinds of events. Sending an event again changes nothing."},
          {"name": "Runs", "description": "Whole runs that already happened, and what learning sees of a run."},
          {"name": "Recommendations", "description": "Settings for the next run, with reasons and the risk taken."},
          {"name": "Models", "description": "The learned correction of memory, and which version of it is in force."},
          {"name": "Events", "description": "What an operator may want to look at."},
          {"name": "Tokens", "description": "Who may do what. All of these take a token with the scope admin."},
          {"name": "Server", "description": "The server itself. These need no token."}
        ],
        "paths": {
        \(paths.joined(separator: ",\n"))
        },
        "components": {
        "securitySchemes": {
          "token": {"type": "apiKey", "in": "header", "name": "X-IM-Token"}
        },
        "responses": {
        \(OpenAPIProblems.responses)
        },
        "schemas": {
        \((schemas + [OpenAPIProblems.schemas]).joined(separator: ",\n"))
        }
        }
        }
        """

    static func parsed() throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: Data(json.utf8))
    }
}
