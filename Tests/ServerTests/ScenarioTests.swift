import Builds
import Hummingbird
import Testing

@testable import Server

/// Who asks, what, and what must come of it.
struct Scenario: Sendable, CustomTestStringConvertible {
    var name: String
    var method = HTTPRequest.Method.get
    var path: String
    var body: String?
    var token: String? = TestServer.key
    var headers: HTTPFields = [:]
    var status = 200
    var contains: [String] = []
    var excludes: [String] = []

    var testDescription: String { name }

    static let all: [Scenario] = [
        .init(
            name: "anybody asks whether the server lives", path: "/healthz", token: nil,
            contains: [#""status":"ok""#, "timestamp"]),
        .init(
            name: "anybody asks whether it is ready", path: "/readyz", token: nil,
            contains: [#""store":{"#, "latency_ms", "lightgbm"]),
        .init(
            name: "a program asks who answers", path: "/", token: nil,
            contains: [#""service":"InfraMind API""#, #""docs":"/docs""#]),
        .init(
            name: "a browser asks who answers", path: "/", token: nil, headers: [.accept: "text/html,*/*"],
            contains: ["<!doctype html>", "/docs", "<h1>Sign in</h1>"], excludes: ["<script>"]),
        .init(
            name: "anybody reads the reference", path: "/docs", token: nil, contains: ["/builds/start", "oom_killed"],
            excludes: ["<script>", "https://"]),
        .init(
            name: "anybody reads the document", path: "/openapi.json", token: nil, contains: [#""openapi": "3.1.0""#]),
        .init(
            name: "a scraper reads metrics", path: "/metrics", token: nil,
            contains: ["# TYPE inframind_runs_started_total counter", "inframind_build_info{"]),
        .init(
            name: "a stranger asks for a size", method: .post, path: "/optimize", body: BuildReports.fieldRequest,
            token: nil, status: 403, contains: ["X-IM-Token"]),
        .init(
            name: "a wrong token asks for a size", method: .post, path: "/optimize", body: BuildReports.fieldRequest,
            token: "dev-key-change-in-productioN", status: 403),
        .init(
            name: "a shorter token asks for a size", method: .post, path: "/optimize", body: BuildReports.fieldRequest,
            token: "dev", status: 403),
        .init(
            name: "a bearer asks for a size", method: .post, path: "/optimize", body: BuildReports.fieldRequest,
            token: nil, headers: [.authorization: "Bearer \(TestServer.key)"], contains: ["suggestions"]),
        .init(
            name: "a stranger starts a build with rubbish", method: .post, path: "/builds/start", body: "rubbish",
            token: nil, status: 403),
        .init(name: "somebody stops at a wrong path", path: "/nothing/here", status: 404, contains: ["/docs"]),
        .init(name: "somebody gets what must be posted", path: "/optimize", status: 405, contains: ["POST"]),
        .init(name: "somebody deletes a model", method: .delete, path: "/models/x/activate", status: 405),
        .init(name: "somebody asks for an unknown recommendation", path: "/recommendations/none-such", status: 404),
        .init(
            name: "somebody asks for features of an unknown run", path: "/features/none-such", status: 404,
            contains: ["none-such"]),
        .init(
            name: "a step is reported of an unknown run", method: .post, path: "/builds/step",
            body: BuildReports.step("ghost", event: "start"), status: 404),
        .init(
            name: "an unknown run is completed", method: .post, path: "/builds/complete",
            body: BuildReports.complete("ghost"), status: 404, contains: ["ghost"]),
        .init(name: "an unknown model is activated", method: .post, path: "/models/none-such/activate", status: 404),
        .init(name: "the models of a new tenant are listed", path: "/models", contains: [#""active":"none""#]),
        .init(name: "a model is trained on nothing", method: .post, path: "/models/train", status: 409),
    ]
}

@Suite("The API answers each caller as the contract says")
struct ScenarioTests {
    @Test("Scenario", arguments: Scenario.all)
    func scenario(_ scenario: Scenario) async throws {
        try await withServer { api in
            let answer = try await api.send(
                scenario.method, scenario.path, body: scenario.body, token: scenario.token, headers: scenario.headers)
            #expect(answer.status == scenario.status, "\(answer.text)")
            for part in scenario.contains { #expect(answer.text.contains(part)) }
            for part in scenario.excludes { #expect(!answer.text.contains(part)) }
            #expect(answer.headers[.xContentTypeOptions] == "nosniff")
            if scenario.status >= 400 {
                #expect(answer.headers[.contentType] == "application/problem+json")
                #expect(answer.json["status"] == .number(Double(scenario.status)))
                #expect(answer.json["detail"].stringValue?.isEmpty == false)
            }
        }
    }

    @Test("The request clients in the field send gets a coherent answer")
    func fieldRequest() async throws {
        try await withServer { api in
            let answer = try await api.post("/optimize", BuildReports.fieldRequest)
            #expect(answer.status == 200)
            let json = answer.json
            let memory = try #require(json["suggestions"]["mem_req_gb"].numberValue)
            #expect(memory >= 4.8)
            #expect(memory == memory.rounded())
            let exact = try #require(json["limits"]["mem_gb"].numberValue)
            #expect(exact >= 4.8 && exact <= memory)
            let jobs = try #require(json["suggestions"]["concurrency"].numberValue)
            #expect(jobs >= 1 && jobs == jobs.rounded())
            #expect(json["suggestions"]["cpu_req"].numberValue ?? 0 > 0)
            #expect(json["mode"] == "suggest")
            #expect((0...1).contains(try #require(json["confidence"].numberValue)))
            #expect(json["rationale"].stringValue?.isEmpty == false)

            let id = try #require(json["recommendation_id"].stringValue)
            let kept = try await api.get("/recommendations/\(id)")
            #expect(kept.text == answer.text)
        }
    }

    @Test("A wrong method says which methods are right")
    func allowedMethods() async throws {
        try await withServer { api in
            let answer = try await api.send(.put, "/models/x/activate")
            #expect(answer.headers[.allow] == "POST")
        }
    }

    @Test("HEAD answers like GET, without a body")
    func head() async throws {
        try await withServer { api in
            let answer = try await api.send(.head, "/healthz", token: nil)
            #expect(answer.status == 200)
            #expect(answer.text.isEmpty)
        }
    }

    @Test("Pages load and run what this server has, and nothing else")
    func contentSecurity() async throws {
        try await withServer { api in
            let policy = try await api.get("/docs", token: nil).headers[.contentSecurityPolicy] ?? ""
            #expect(policy.contains("default-src 'none'"))
            #expect(policy.contains("script-src 'self'") && !policy.contains("unsafe"))
        }
    }

    @Test("What one tenant reports another cannot see")
    func tenantIsolation() async throws {
        try await withServer { configuration in
            configuration.tokens = (try? AccessTokens(["red=red-secret", "blue=blue-secret"])) ?? .development
        } _: { api in
            #expect(try await api.post("/builds/start", BuildReports.start("r1"), token: "red-secret").status == 200)
            let recommended = try await api.post("/optimize", BuildReports.fieldRequest, token: "red-secret").json
            let id = try #require(recommended["recommendation_id"].stringValue)

            #expect(try await api.get("/features/r1", token: "red-secret").status == 200)
            #expect(try await api.get("/features/r1", token: "blue-secret").status == 404)
            #expect(try await api.get("/recommendations/\(id)", token: "blue-secret").status == 404)
            #expect(
                try await api.post("/builds/complete", BuildReports.complete("r1"), token: "blue-secret").status == 404)
            // The same id belongs to another run there.
            #expect(
                try await api.post("/builds/start", BuildReports.start("r1", pipeline: "other"), token: "blue-secret")
                    .status
                    == 200)
            #expect(try await api.post("/optimize", BuildReports.fieldRequest, token: TestServer.key).status == 403)
        }
    }

    @Test("Metrics need a token when they are not public, and a bearer token will do")
    func privateMetrics() async throws {
        try await withServer {
            $0.metricsArePublic = false
        } _: { api in
            #expect(try await api.get("/metrics", token: nil).status == 403)
            #expect(try await api.get("/metrics").status == 200)
            let bearer = try await api.send(
                .get, "/metrics", token: nil, headers: [.authorization: "Bearer \(TestServer.key)"])
            #expect(bearer.status == 200)
        }
    }
}
