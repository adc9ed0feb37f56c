import Builds
import Foundation
import Storage
import Synchronization
import Testing

@testable import Server

/// Tokens as their bearers see them.
@Suite("Tokens")
struct TokenTests {
    /// A time of day that a test moves.
    final class Hands: Sendable {
        private let time = Mutex(Timestamp(seconds: 1_700_000_000))
        var clock: WallClock { WallClock { self.time.withLock { $0 } } }
        func advance(seconds: Double) { time.withLock { $0 = $0.advanced(bySeconds: seconds) } }
    }

    private func make(_ api: API, scopes: String, expires: String = "") async throws -> (secret: String, id: String) {
        let body = "{\"name\":\"ci\",\"scopes\":[\(scopes)]\(expires)}"
        let answer = try await api.post("/tokens", body)
        #expect(answer.status == 201, "\(answer.text)")
        return (answer.json["token"].stringValue ?? "", answer.json["info"]["id"].stringValue ?? "")
    }

    @Test("A secret has 256 bits, is told once, and is not in the store")
    func secret() async throws {
        let server = TestServer()
        defer { server.remove() }
        let secret = try await server.run { api in
            let (secret, _) = try await make(api, scopes: "\"read\"")
            #expect(secret.hasPrefix("im_") && secret.utf8.count == 46)
            #expect(try await api.get("/tokens").text.contains(secret) == false)
            #expect(try await api.get("/models", token: secret).status == 200)
            return secret
        }
        for file in try FileManager.default.contentsOfDirectory(atPath: server.folder) {
            let bytes = try Data(contentsOf: URL(filePath: server.folder + "/" + file))
            #expect(bytes.firstRange(of: Data(secret.dropFirst(3).utf8)) == nil, "\(file)")
        }
        #expect(Set((0..<100).map { _ in TokenSecret().text }).count == 100)
    }

    /// What each scope opens: one request per scope that is needed.
    static let openings: [(scope: String, allowed: Set<String>)] = [
        ("ingest", ["ingest"]), ("read", ["read"]), ("operate", ["read", "operate"]),
        ("admin", ["ingest", "read", "operate", "admin"]),
    ]

    @Test("A token opens what its scope says, and says what is missing", arguments: openings)
    func scopes(_ scope: String, _ allowed: Set<String>) async throws {
        try await withServer { api in
            let (secret, _) = try await make(api, scopes: "\"\(scope)\"")
            let answers = [
                "ingest": try await api.post("/optimize", BuildReports.fieldRequest, token: secret),
                "read": try await api.get("/models", token: secret),
                "operate": try await api.post("/models/none/activate", "{}", token: secret),
                "admin": try await api.get("/tokens", token: secret),
            ]
            for (needed, answer) in answers {
                #expect(answer.status == (allowed.contains(needed) ? 200 : 403), "\(needed): \(answer.text)")
                if answer.status == 403 { #expect(answer.text.contains("scope '\(needed)'")) }
            }
        }
    }

    @Test("A token ends when it expires")
    func expiry() async throws {
        let (server, hands) = (TestServer(), Hands())
        defer { server.remove() }
        try await server.run(clock: hands.clock) { api in
            let (secret, _) = try await make(api, scopes: "\"read\"", expires: ",\"expires_in_s\":3600")
            hands.advance(seconds: 3599)
            #expect(try await api.get("/models", token: secret).status == 200)
            hands.advance(seconds: 1)
            #expect(try await api.get("/models", token: secret).status == 403)
            #expect(try await api.get("/tokens").json["tokens"][0]["valid"] == false)
        }
    }

    @Test("A rotated token works beside its successor for the overlap, then ends")
    func rotation() async throws {
        let (server, hands) = (TestServer(), Hands())
        defer { server.remove() }
        try await server.run(clock: hands.clock) { api in
            let (old, id) = try await make(api, scopes: "\"read\",\"ingest\"", expires: ",\"expires_in_s\":864000")
            let rotated = try await api.post("/tokens/\(id)/rotate", "{\"overlap_s\":600}")
            #expect(rotated.status == 201)
            let new = rotated.json["token"].stringValue ?? ""
            #expect(rotated.json["info"]["scopes"] == .array(["ingest", "read"]))
            for secret in [old, new] { #expect(try await api.get("/models", token: secret).status == 200) }
            hands.advance(seconds: 600)
            #expect(try await api.get("/models", token: old).status == 403)
            #expect(try await api.get("/models", token: new).status == 200)
            let again = try await api.post("/tokens/\(id)/rotate", "{}")
            #expect(again.status == 409)
            #expect(again.text.contains("is over"))
        }
    }

    @Test("A revoked token ends at once, and revoking it again changes nothing")
    func revocation() async throws {
        try await withServer { api in
            let (secret, id) = try await make(api, scopes: "\"read\"")
            #expect(try await api.get("/models", token: secret).status == 200)
            for _ in 1...2 { #expect(try await api.send(.delete, "/tokens/\(id)").status == 200) }
            #expect(try await api.get("/models", token: secret).status == 403)
            #expect(try await api.send(.delete, "/tokens/tok_none").status == 404)
        }
    }

    @Test("The audit log says who changed what, newest first, page by page")
    func audit() async throws {
        try await withServer { api in
            let (admin, adminID) = try await make(api, scopes: "\"admin\"")
            let made = try await api.send(
                .post, "/tokens", body: "{\"name\":\"b\",\"scopes\":[\"read\"]}", token: admin)
            let id = made.json["info"]["id"].stringValue ?? ""
            _ = try await api.send(.delete, "/tokens/\(id)", token: admin)
            _ = try await api.post("/models/none/activate", "{}")
            let page = try await api.get("/audit?limit=3").json
            #expect(
                (0..<3).map { page["entries"][$0]["action"].stringValue }
                    == ["model.activate", "token.revoke", "token.create"])
            #expect(page["entries"][1]["actor"].stringValue == adminID)
            #expect(page["entries"][1]["subject"].stringValue == id)
            let rest = try await api.get("/audit?limit=3&before=\(page["next"].numberValue.map { Int($0) } ?? 0)").json
            #expect(rest["entries"].count == 1 && rest["next"] == .null)
            #expect(rest["entries"][0]["actor"].stringValue == "configured")
        }
    }

    @Test(
        "A body that cannot be accepted names what is wrong",
        arguments: [
            ("{\"name\":\"\",\"scopes\":[]}", ["name", "scopes"]),
            ("{\"name\":\"x\",\"scopes\":[\"root\"]}", ["scopes[0]", "ingest, read, operate, admin"]),
            ("{\"name\":\"x\",\"scopes\":[\"read\"],\"expires_in_s\":1}", ["expires_in_s"]),
        ])
    func badBodies(_ body: String, _ words: [String]) async throws {
        try await withServer { api in
            let answer = try await api.post("/tokens", body)
            #expect(answer.status == 422)
            for word in words { #expect(answer.text.contains(word)) }
        }
    }

    @Test("A token goes on working while the store does not answer, an unknown one waits for it")
    func storeDown() async throws {
        let server = TestServer()
        defer { server.remove() }
        try FileManager.default.createDirectory(atPath: server.folder, withIntermediateDirectories: true)
        let store = FaultyStore(try await SQLStore.sqlite(path: server.folder + "/test.db"))
        let directory = TokenDirectory(configured: { .development }, store: store, clock: .system)
        let secret = TokenSecret()
        let token = StoredToken(
            id: "tok_1", tenant: TenantID("red"), name: "ci", scopes: [.read], createdAt: Timestamp(seconds: 0))
        try await store.create(
            token, digest: secret.digest,
            audit: AuditEntry(at: Timestamp(seconds: 0), actor: "configured", action: "token.create", subject: "tok_1"))
        #expect(try await directory.caller(presenting: secret.text)?.tenant == TenantID("red"))
        store.set(.fails(.unavailable("down")), for: .findToken)
        #expect(try await directory.caller(presenting: secret.text)?.tenant == TenantID("red"))
        await #expect(throws: StoreError.self) { try await directory.caller(presenting: TokenSecret().text) }
        #expect(try await directory.caller(presenting: "im_short") == nil)
        try await store.close()
    }
}
