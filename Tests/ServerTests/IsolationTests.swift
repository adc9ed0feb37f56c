import Builds
import Foundation
import Testing

@testable import Server

/// Every endpoint, asked by a foreign tenant for what another has.
@Suite("No tenant reaches what is another's")
struct IsolationTests {
    /// An endpoint of the OpenAPI document.
    struct Endpoint: Hashable, Sendable, CustomTestStringConvertible {
        var method: String
        var path: String
        var testDescription: String { "\(method) \(path)" }

        static let all: [Endpoint] = {
            guard let paths = try? OpenAPIDocument.parsed()["paths"] else { return [] }
            return paths.keys.flatMap { path in paths[path].keys.map { Endpoint(method: $0.uppercased(), path: path) } }
        }()
    }

    /// Endpoints that need no token, as this server is set up; what `/metrics` shows to whom is tested with it.
    private static let open: Set<String> = ["/healthz", "/readyz", "/", "/docs", "/openapi.json", "/metrics"]

    /// Bodies that name what belongs to red.
    private static let bodies = [
        "/builds/start": BuildReports.start("r1"),
        "/builds/step": BuildReports.step("r1", event: "stop", at: "2026-03-01T12:05:10Z"),
        "/builds/complete": #"{"run_id":"r1","status":"success","duration_s":1}"#, "/runs": BuildReports.wholeRun(1),
        "/optimize": BuildReports.fieldRequest,
    ]

    @Test("Every endpoint that is not public refuses a token it does not know", arguments: Endpoint.all)
    func unknownToken(_ endpoint: Endpoint) async throws {
        try await withServer {
            $0.metricsArePublic = false
        } _: { api in
            let isOpen = Self.open.contains(endpoint.path) && endpoint.path != "/metrics"
            for token in [nil, "wrong-token", TokenSecret().text] {
                let answer = try await api.send(
                    .init(rawValue: endpoint.method)!, endpoint.path, body: Self.bodies[endpoint.path], token: token)
                #expect((answer.status == 403) != isOpen, "\(answer.status)")
            }
        }
    }

    @Test("What names a thing of another tenant is not found, and lists are empty", arguments: Endpoint.all)
    func foreignTenant(_ endpoint: Endpoint) async throws {
        try await withServer {
            $0.tokens = (try? AccessTokens(["red=red-secret", "blue=blue-secret"])) ?? .development
        } _: { api in
            func red(_ path: String, _ body: String) async throws -> JSONValue {
                let answer = try await api.post(path, body, token: "red-secret")
                #expect((200...201).contains(answer.status), "\(path): \(answer.text)")
                return answer.json
            }
            _ = try await red("/builds/start", BuildReports.start("r1"))
            _ = try await red("/builds/step", BuildReports.step("r1", event: "start"))
            let recommendation = try await red("/optimize", BuildReports.fieldRequest)["recommendation_id"].stringValue
            let token = try await red("/tokens", #"{"name":"t","scopes":["read"]}"#)["info"]["id"].stringValue
            let before = try await api.get("/runs/r1", token: "red-secret").text

            let path = endpoint.path
                .replacing("{run_id}", with: "r1").replacing("{recommendation_id}", with: recommendation ?? "")
                .replacing("{id}", with: recommendation ?? "").replacing("{token_id}", with: token ?? "")
                .replacing("{version}", with: "memory-of-red")
            let body = Self.bodies[endpoint.path] ?? (endpoint.method == "POST" ? "{}" : nil)
            let answer = try await api.send(
                .init(rawValue: endpoint.method)!, path, body: body, token: "blue-secret")
            switch endpoint.path {
            case _ where endpoint.path.contains("{"), "/builds/step", "/builds/complete":
                #expect(answer.status == 404, "\(answer.text)")
            case "/models/train": #expect(answer.status == 409)
            // Blue's own beginning: the same names mean other things here.
            case "/builds/start", "/runs", "/optimize", "/tokens", "/batch": break
            case _ where Self.open.contains(endpoint.path): #expect(!answer.text.contains("shop/cart"))
            default:
                #expect(answer.status == 200 && !answer.text.contains("r1"), "\(answer.text)")
                #expect(!answer.text.contains(token ?? "-") && !answer.text.contains(recommendation ?? "-"))
            }
            #expect(try await api.get("/runs/r1", token: "red-secret").text == before)
        }
    }
}
