import Builds
import Foundation
import Logging
import Storage
import Testing

@testable import Server

@Suite("The OpenAPI document says what the server does")
struct OpenAPITests {
    @Test("Every route is described, and every description is a route")
    func routesAndPaths() async throws {
        let server = TestServer()
        defer { server.remove() }
        try FileManager.default.createDirectory(atPath: server.folder, withIntermediateDirectories: true)
        let store = try await SQLStore.sqlite(path: server.folder + "/test.db")
        let metrics = ServerMetrics()
        let learner = Learner(
            resources: LearnerResources(
                store: store, configuration: server.configuration.optimizer, seed: 1,
                training: TrainingQueue(library: nil),
                clock: .system, metrics: metrics, logger: Logger(label: "test")))
        let router = buildRouter(
            ServerParts(
                configuration: server.configuration, tokens: { .development },
                sessionKeys: { SessionKeys() }, store: store, learner: learner, metrics: metrics, clock: .system,
                startedAt: Timestamp(seconds: 0), logger: Logger(label: "test"),
                drain: Drain(duration: .zero)))
        let routes = Set(RouteTable(router).routes.filter { $0.method != "HEAD" }.map { "\($0.method) \($0.path)" })
        let paths = try OpenAPIDocument.parsed()["paths"]
        let described = Set(paths.keys.flatMap { path in paths[path].keys.map { "\($0.uppercased()) \(path)" } })
        let pages = Set(DashboardRoute.all.map { "\($0.method) \($0.path)" })
        #expect(pages.isDisjoint(with: described))
        #expect(routes == described.union(pages))
        try await store.close()
    }

    @Test("Every reference leads somewhere, and every operation has a name, a tag and a summary")
    func references() throws {
        let document = try OpenAPIDocument.parsed()
        func walk(_ value: JSONValue, _ visit: (JSONValue) -> Void) {
            visit(value)
            switch value {
            case .array(let elements): elements.forEach { walk($0, visit) }
            case .object(let members): members.values.forEach { walk($0, visit) }
            default: break
            }
        }
        var references: Set<String> = []
        walk(document) { if let reference = $0["$ref"].stringValue { references.insert(reference) } }
        #expect(references.count > 15)
        for reference in references {
            let target = reference.split(separator: "/").dropFirst().reduce(document) { $0[String($1)] }
            #expect(target != .null, "\(reference)")
        }
        var names: Set<String> = []
        for path in document["paths"].keys {
            for method in document["paths"][path].keys {
                let operation = document["paths"][path][method]
                #expect(names.insert(operation["operationId"].stringValue ?? "").inserted)
                #expect(operation["tags"].count == 1)
                #expect(operation["summary"].stringValue?.isEmpty == false)
                #expect(operation["responses"].count > 0)
            }
        }
    }

    @Test("The examples in the document are accepted by the server, one after the other")
    func examples() async throws {
        let paths = try OpenAPIDocument.parsed()["paths"]
        func example(_ path: String) -> String {
            JSONText.string(paths[path]["post"]["requestBody"]["content"]["application/json"]["example"])
        }
        let stop = example("/builds/step")
        let requests: [(path: String, body: String, status: Int)] = [
            ("/builds/start", example("/builds/start"), 200),
            ("/builds/step", stop.replacing(#""stop""#, with: #""start""#), 200), ("/builds/step", stop, 200),
            ("/builds/complete", example("/builds/complete"), 200), ("/runs", example("/runs"), 201),
            ("/optimize", example("/optimize"), 200),
        ]
        try await withServer { api in
            for request in requests {
                let answer = try await api.post(request.path, request.body)
                #expect(answer.status == request.status, "\(request.path): \(answer.text)")
            }
        }
    }

    @Test("An answer has every field the document requires")
    func requiredFields() async throws {
        let schema = try OpenAPIDocument.parsed()["components"]["schemas"]["Recommendation"]
        try await withServer { api in
            let answer = try await api.post("/optimize", BuildReports.fieldRequest).json
            guard case .array(let required) = schema["required"] else {
                Issue.record("the schema requires nothing")
                return
            }
            for field in required.compactMap(\.stringValue) { #expect(answer[field] != .null, "\(field)") }
            for field in answer.keys { #expect(schema["properties"][field] != .null, "\(field) is not described") }
        }
    }
}
