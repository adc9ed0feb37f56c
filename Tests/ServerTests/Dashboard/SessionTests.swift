import Builds
import Foundation
import Hummingbird
import Testing

@testable import Server

@Suite("Sessions of the dashboard")
struct SessionTests {
    @Test("Who is not signed in is asked to, and comes back to where they wanted to go")
    func signIn() async throws {
        try await withServer { api in
            let visitor = Browser(api)
            let sent = try await visitor.get("/ui/pipeline?name=a%2Fb")
            #expect(sent.status == 303)
            #expect(sent.headers[.location] == "/ui/sign-in?next=%2Fui%2Fpipeline%3Fname%3Da%252Fb")
            let page = try await visitor.get(sent.headers[.location] ?? "")
            #expect(page.status == 200 && page.text.contains("value=\"/ui/pipeline?name=a%2Fb\""))
            let entered = try await visitor.post(
                "/ui/sign-in", ["token": TestServer.key, "next": "/ui/pipelines?from=a"])
            #expect(entered.status == 303 && entered.headers[.location] == "/ui/pipelines?from=a")
        }
    }

    @Test("The cookie is for this server's pages alone, and says nothing of the token")
    func cookie() async throws {
        try await withServer { api in
            let entered = try await Browser(api).post("/ui/sign-in", ["token": TestServer.key])
            let cookie = try #require(entered.headers[.setCookie])
            for part in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"] {
                #expect(cookie.contains(part), "\(cookie)")
            }
            #expect(!cookie.contains("Secure"))
            #expect(!cookie.contains(TestServer.key))
            // A proxy that ends TLS says so, and the cookie never travels without it.
            let behindProxy = try await Browser(api).post(
                "/ui/sign-in", ["token": TestServer.key],
                headers: [.forwardedProto: "https", .secFetchSite: "same-origin"])
            #expect(behindProxy.headers[.setCookie]?.contains("Secure") == true)
        }
    }

    @Test(
        "After signing in nobody is sent to another site",
        arguments: [
            "https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "evil", "/a\nb",
        ])
    func openRedirect(_ next: String) async throws {
        try await withServer { api in
            let entered = try await Browser(api).post("/ui/sign-in", ["token": TestServer.key, "next": next])
            #expect(entered.status == 303 && entered.headers[.location] == "/")
        }
    }

    @Test("A token that is unknown, or may not read, opens no session and is told why")
    func refusals() async throws {
        try await withServer { api in
            let made = try await api.post("/tokens", #"{"name":"ci","scopes":["ingest"]}"#)
            let ingest = try #require(made.json["token"].stringValue)
            for (token, word) in [("nonsense-token", "not known"), ("", "not known"), (ingest, "scope “read”")] {
                let answer = try await Browser(api).post("/ui/sign-in", ["token": token])
                #expect(answer.status == 403 && answer.text.contains(word), "\(token)")
                #expect(answer.headers[.setCookie] == nil)
            }
        }
    }

    @Test("An address that guesses tokens is slowed down")
    func guessing() async throws {
        try await withServer { api in
            var statuses: [Int] = []
            for number in 0..<12 {
                statuses.append(try await Browser(api).post("/ui/sign-in", ["token": "guess-\(number)"]).status)
            }
            #expect(statuses.prefix(10).allSatisfy { $0 == 403 })
            #expect(statuses.suffix(2).allSatisfy { $0 == 429 })
        }
    }

    @Test("A cookie that was changed, made elsewhere or cut opens nothing")
    func forged() async throws {
        try await withServer { api in
            var browser = try await Browser(api, token: TestServer.key)
            let cookie = try #require(browser.cookie)
            #expect(try await browser.get("/ui/settings").status == 200)
            let value = cookie.dropFirst("inframind_session=".count)
            var bytes = Array(value.utf8)
            bytes[20] = bytes[20] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            let elsewhere = SessionKeys()
            let other = Sessions(
                directory: TokenDirectory(
                    configured: { .development }, store: try await SQLStoreForTests.empty(), clock: .system),
                clock: .system, keys: { elsewhere })
            let foreign = try #require(try await other.begin(presenting: TestServer.key)).cookie
            for forged in [
                String(decoding: bytes, as: UTF8.self), foreign, String(value.prefix(40)), "", "=", "%", "ä",
            ] {
                browser = Browser(api, cookie: "inframind_session=\(forged)")
                #expect(try await browser.get("/ui/settings").status == 303, "\(forged)")
            }
        }
    }

    @Test("A session ends with its token, with time, and when its bearer signs out")
    func ends() async throws {
        let now = MovingClock()
        let server = TestServer()
        defer { server.remove() }
        try await server.run(clock: now.clock) { api in
            let made = try await api.post("/tokens", #"{"name":"me","scopes":["read"]}"#)
            let token = try #require(made.json["token"].stringValue)
            var browser = try await Browser(api, token: token)
            #expect(try await browser.get("/ui/settings").status == 200)
            #expect(try await api.send(.delete, "/tokens/\(made.json["info"]["id"].stringValue ?? "")").status == 200)
            #expect(try await browser.get("/ui/settings").status == 303)

            browser = try await Browser(api, token: TestServer.key)
            now.advance(seconds: Sessions.lifetimeSeconds - 1)
            #expect(try await browser.get("/ui/settings").status == 200)
            now.advance(seconds: 2)
            #expect(try await browser.get("/ui/settings").status == 303)

            browser = try await Browser(api, token: TestServer.key)
            try await browser.readFormToken()
            let left = try await browser.post("/ui/sign-out", ["form_token": browser.formToken])
            #expect(left.status == 303 && left.headers[.setCookie]?.contains("Max-Age=0") == true)
        }
    }

    @Test("Servers with one session key know each other's sessions, others do not")
    func severalServers() async throws {
        let store = try await SQLStoreForTests.empty()
        func sessions(_ secrets: String...) throws -> Sessions {
            let keys = secrets.isEmpty ? SessionKeys() : try SessionKeys(secrets, key: "session-key-file")
            return Sessions(
                directory: TokenDirectory(configured: { .development }, store: store, clock: .system), clock: .system,
                keys: { keys })
        }
        func knows(_ sessions: Sessions, _ cookie: String) async throws -> Bool {
            let head = HTTPRequest(
                method: .get, scheme: nil, authority: nil, path: "/",
                headerFields: [.cookie: "a=b; inframind_session=\(cookie); c=d"])
            return try await sessions.session(of: Request(head: head, body: .init(buffer: .init()))) != nil
        }
        let shared = String(repeating: "k", count: 40)
        let cookie = try #require(try await sessions(shared).begin(presenting: TestServer.key)).cookie
        #expect(try await knows(sessions(shared), cookie))
        #expect(try await !knows(sessions(), cookie))
        let newer = shared + "x"
        #expect(try await !knows(sessions(newer), cookie))
        // While a key is replaced, one server may seal with the old and another with the new one.
        #expect(try await knows(sessions(newer, shared), cookie))
        let sealedAnew = try #require(try await sessions(newer, shared).begin(presenting: TestServer.key)).cookie
        #expect(try await knows(sessions(shared, newer), sealedAnew))
        #expect(try await knows(sessions(newer), sealedAnew))
        #expect(try await !knows(sessions(shared), sealedAnew))
    }

    /// A form from where, and whether it is heard.
    @Test(
        "A form counts only when it comes from a page of the session",
        arguments: [
            ([.secFetchSite: "same-origin"], true, 303), ([:], true, 303), ([.secFetchSite: "cross-site"], true, 403),
            ([.secFetchSite: "same-site"], true, 403), ([.origin: "https://evil.example"], true, 403),
            ([.origin: "null"], true, 403), ([.secFetchSite: "same-origin"], false, 403), ([:], false, 403),
        ] as [(HTTPFields, Bool, Int)])
    func forms(_ headers: HTTPFields, _ hasFormToken: Bool, _ status: Int) async throws {
        try await withServer { api in
            let made = try await api.post("/tokens", #"{"name":"t","scopes":["read"]}"#)
            let id = try #require(made.json["info"]["id"].stringValue)
            var browser = try await Browser(api, token: TestServer.key)
            try await browser.readFormToken()
            let answer = try await browser.post(
                "/ui/tokens/revoke", ["id": id, "form_token": hasFormToken ? browser.formToken : "wrong"],
                headers: headers)
            #expect(answer.status == status)
            let state = try await api.get("/tokens").json["tokens"][0]
            #expect((state["revoked_at"] == .null) == (status == 403))
        }
    }

    @Test("Another session's form token is none of this one's")
    func foreignFormToken() async throws {
        try await withServer { api in
            var first = try await Browser(api, token: TestServer.key)
            var second = try await Browser(api, token: TestServer.key)
            try await first.readFormToken()
            try await second.readFormToken()
            #expect(first.formToken != second.formToken && !first.formToken.isEmpty)
            let answer = try await first.post("/ui/sign-out", ["form_token": second.formToken])
            #expect(answer.status == 403)
        }
    }

    @Test("The session opens the API for reading from pages of this server, and for nothing else")
    func api() async throws {
        try await withServer { api in
            let browser = try await Browser(api, token: TestServer.key)
            let here: HTTPFields = [.secFetchSite: "same-origin", .accept: "application/json"]
            #expect(try await browser.get("/events", headers: here).status == 200)
            #expect(try await browser.get("/events", headers: [.accept: "application/json"]).status == 403)
            #expect(try await browser.get("/events", headers: [.secFetchSite: "cross-site"]).status == 403)
            let written = try await browser.post("/runs", [:], headers: here)
            #expect(written.status == 403)
        }
    }
}
