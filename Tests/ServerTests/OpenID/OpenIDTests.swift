import Builds
import Foundation
import Hummingbird
import JWTKit
import Notifications
import Scaffolding
import Testing

@testable import Server

/// A server that takes the word of an issuer, and somebody who signs in there.
struct OpenIDTrial: Sendable {
    let issuer: TestIssuer
    let api: API
    let log: LogLines
    let clock: MovingClock

    static func run(
        _ change: (inout OpenIDSettings) -> Void = { _ in }, _ body: @Sendable (OpenIDTrial) async throws -> Void
    ) async throws {
        let issuer = try TestIssuer()
        defer { issuer.stop() }
        var server = TestServer()
        defer { server.remove() }
        var settings = OpenIDSettings(
            issuer: issuer.url, clientID: TestIssuer.clientID, clientSecret: Secret(TestIssuer.secret),
            name: "Example & Sons", publicURL: "http://inframind.test")
        settings.roles = [
            try GroupRole("ci-*=operate@*", key: "oidc-roles"), try GroupRole("readers=read", key: "oidc-roles"),
            try GroupRole("platform=admin", key: "oidc-roles"),
        ]
        // Two cores share hundreds of tests; nothing but a test of silence may wait in vain.
        settings.timing.exchangeSeconds = 60
        settings.timing.pause = .zero
        settings.timing.keysAtMostEvery = .zero
        change(&settings)
        server.configuration.openID = settings
        let (log, clock) = (LogLines(), MovingClock())
        server.log = log
        try await server.run(clock: clock.clock) { api in
            try await body(OpenIDTrial(issuer: issuer, api: api, log: log, clock: clock))
        }
    }

    /// Where the browser is sent, and the cookie it keeps for the way back.
    func begin(next: String? = nil) async throws -> (address: String, cookie: String) {
        let sent = try await Browser(api).get(Link("/ui/sign-in/oidc", ["next": next]).text)
        #expect(sent.status == 303, "\(sent.text)")
        let cookie = try #require(sent.headers[values: .setCookie].first { $0.hasPrefix("inframind_sign_in=") })
        for part in ["HttpOnly", "SameSite=Lax", "Path=/ui/sign-in", "Max-Age=600"] { #expect(cookie.contains(part)) }
        return (try #require(sent.headers[.location]), String(cookie.prefix { $0 != ";" }))
    }

    /// The whole way, with the token that `token` makes of the claims that would be right.
    func signIn(
        next: String? = nil, token: (([String: JSONValue]) async throws -> String)? = nil
    ) async throws -> API.Answer {
        let begun = try await begin(next: next)
        let back = try await issuer.signIn(begun.address, at: clock.clock.now()) { claims in
            if let token { return try await token(claims) }
            return try await TestIssuer.signed(claims, by: issuer.key)
        }
        return try await Browser(api, cookie: begun.cookie).get(back)
    }

    /// The same, with claims that are changed.
    func signIn(with changes: [String: JSONValue?]) async throws -> API.Answer {
        try await signIn { claims in
            var claims = claims
            for (name, value) in changes { claims[name] = value }
            return try await TestIssuer.signed(claims, by: issuer.key)
        }
    }

    /// Somebody whom `answer` has signed in.
    func browser(_ answer: API.Answer) throws -> Browser {
        var browser = Browser(api)
        try browser.keepCookie(of: answer)
        return browser
    }

    static func beginsSession(_ answer: API.Answer) -> Bool {
        answer.headers[values: .setCookie].contains { $0.hasPrefix("inframind_session=") }
    }
}

@Suite("People sign in with their company's identity")
struct OpenIDTests {
    @Test("Who signs in sees their tenant's pages, may do what their group may, and is named in the audit log")
    func signIn() async throws {
        try await OpenIDTrial.run { trial in
            let offered = try await Browser(trial.api).get("/ui/sign-in?next=%2Fui%2Fcost")
            #expect(
                offered.text.contains("href=\"/ui/sign-in/oidc?next=%2Fui%2Fcost\">Sign in with Example &amp; Sons"))
            let entered = try await trial.signIn(next: "/ui/cost?week=1&x=2")
            #expect(entered.status == 200 && entered.headers[.cacheControl] == "no-store")
            // The browser comes from another site: it goes on from a page of ours, or it would not send the cookie.
            #expect(entered.text.contains("http-equiv=\"refresh\" content=\"0; url=/ui/cost?week=1&amp;x=2\""))
            #expect(entered.headers[.contentSecurityPolicy] == Page.contentSecurityPolicy)
            let cookie = try #require(entered.headers[values: .setCookie].first { $0.contains("inframind_session=") })
            #expect(cookie.contains("SameSite=Strict") && cookie.contains("HttpOnly"))
            var browser = try trial.browser(entered)
            let page = try await browser.get("/ui/settings")
            #expect(page.status == 200 && page.text.contains("jane@example.org") && page.text.contains("payments"))
            #expect(page.text.contains("<dd>operate</dd>"))
            // Operating is allowed, tokens are not.
            let refused = try await browser.get("/ui/audit")
            #expect(refused.status == 403 && refused.text.contains("a group that has the scope"))
            let events = try await browser.get("/events", headers: [.secFetchSite: "same-origin"])
            #expect(events.status == 200)
            try await browser.readFormToken()
            let activated = try await browser.post(
                "/ui/models/activate", ["form_token": browser.formToken, "version": "none"])
            #expect(activated.status == 303, "\(activated.text)")
            #expect(trial.log.text.contains("person jane@example.org (248289761001)"))
            let left = try await browser.post("/ui/sign-out", ["form_token": browser.formToken])
            #expect(left.status == 303 && left.headers[.setCookie]?.contains("Max-Age=0") == true)
        }
    }

    @Test("Without an issuer nothing is offered, and the addresses lead nowhere")
    func notConfigured() async throws {
        try await withServer { api in
            let page = try await Browser(api).get("/ui/sign-in")
            #expect(page.status == 200 && !page.text.contains("oidc"))
            for path in ["/ui/sign-in/oidc", "/ui/sign-in/oidc/callback?code=a&state=b"] {
                #expect(try await Browser(api).get(path).status == 404)
            }
        }
    }

    struct Claims: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var changes: [String: JSONValue?]
        /// Word of the log; `nil`: it is believed.
        var reason: String?
    }

    /// Seconds of the clock that tests begin with.
    private static let now = 1_780_000_000.0

    @Test(
        "An ID token counts when it is the issuer's, for us, for this sign-in and of now",
        arguments: [
            Claims(testDescription: "as it should be", changes: [:]),
            Claims(
                testDescription: "several audiences, ours the party",
                changes: [
                    "aud": ["inframind-tests", "other"], "azp": "inframind-tests",
                ]),
            Claims(testDescription: "just over, by a clock that is late", changes: ["exp": .number(now - 30)]),
            Claims(testDescription: "another issuer", changes: ["iss": "https://evil.example"], reason: "(iss)"),
            Claims(testDescription: "the issuer, with a slash", changes: ["iss": "http://127.0.0.1/"], reason: "(iss)"),
            Claims(testDescription: "another audience", changes: ["aud": "other"], reason: "(aud)"),
            Claims(testDescription: "no audience", changes: ["aud": []], reason: "(aud)"),
            Claims(
                testDescription: "several audiences, no party",
                changes: [
                    "aud": ["inframind-tests", "other"]
                ], reason: "(azp)"),
            Claims(testDescription: "another party", changes: ["azp": "other"], reason: "(azp)"),
            Claims(testDescription: "expired", changes: ["exp": .number(now - 90)], reason: "(exp)"),
            Claims(testDescription: "no end", changes: ["exp": nil], reason: "(iat, exp)"),
            Claims(testDescription: "from the future", changes: ["iat": .number(now + 600)], reason: "(iat)"),
            Claims(testDescription: "not valid yet", changes: ["nbf": .number(now + 600)], reason: "(nbf)"),
            Claims(testDescription: "another nonce", changes: ["nonce": "other"], reason: "(nonce)"),
            Claims(testDescription: "no nonce", changes: ["nonce": nil], reason: "(nonce)"),
            Claims(testDescription: "nobody", changes: ["sub": nil], reason: "(sub)"),
            Claims(testDescription: "numbers for words", changes: ["iss": 1, "aud": 2, "sub": 3], reason: "(iss)"),
        ])
    func claims(_ row: Claims) async throws {
        try await OpenIDTrial.run { trial in
            let answer = try await trial.signIn(with: row.changes)
            #expect(answer.status == (row.reason == nil ? 200 : 403), "\(answer.text)")
            #expect(OpenIDTrial.beginsSession(answer) == (row.reason == nil))
            if let reason = row.reason {
                #expect(trial.log.text.contains(reason), "\(trial.log.text)")
                #expect(answer.text.contains("cannot be believed") && answer.text.contains("With a token"))
            }
        }
    }

    enum Forgery: String, CaseIterable, Sendable {
        case unsigned, signedWithThePublicKey, foreignKey, unknownKey, otherAlgorithm, changed, twoParts, asksForMore
    }

    @Test("A token that the issuer's keys did not sign is nobody's word", arguments: Forgery.allCases)
    func forgeries(_ forgery: Forgery) async throws {
        try await OpenIDTrial.run { trial in
            let key = trial.issuer.key
            func made(_ header: String, _ claims: [String: JSONValue], signature: String) -> String {
                [header, TestIssuer.json(.object(claims))].map { Base64URL.text(Data($0.utf8)) }.joined(separator: ".")
                    + "." + signature
            }
            let answer = try await trial.signIn { claims in
                let right = try await TestIssuer.signed(claims, by: key)
                let signature = String(right.split(separator: ".")[2])
                switch forgery {
                case .unsigned: return made(#"{"alg":"none","kid":"first"}"#, claims, signature: "")
                case .signedWithThePublicKey:
                    let pem = HMACKey(from: Data(key.key.publicKey.pemRepresentation.utf8))
                    return try await JWTKeyCollection().add(hmac: pem, digestAlgorithm: .sha256, kid: "first")
                        .sign(IDToken(claims: claims), kid: "first")
                case .foreignKey: return try await TestIssuer.signed(claims, by: TestIssuer.Key(kid: "first"))
                case .unknownKey: return try await TestIssuer.signed(claims, by: TestIssuer.Key(kid: "other"))
                case .otherAlgorithm: return made(#"{"alg":"ES384","kid":"first"}"#, claims, signature: signature)
                case .changed:
                    var claims = claims
                    claims["groups"] = ["platform"]
                    return made(#"{"alg":"ES256","typ":"JWT","kid":"first"}"#, claims, signature: signature)
                case .twoParts: return right.split(separator: ".").prefix(2).joined(separator: ".")
                case .asksForMore:
                    return try await JWTKeyCollection().add(ecdsa: key.key, kid: "first")
                        .sign(IDToken(claims: claims), kid: "first", header: ["crit": .array([.string("b64")])])
                }
            }
            #expect(answer.status == 403 && !OpenIDTrial.beginsSession(answer), "\(answer.text)")
            #expect(answer.text.contains("cannot be believed"), "\(trial.log.text)")
        }
    }

    @Test("A key that is new is asked for, but not as often as somebody makes one up", arguments: [true, false])
    func rotation(_ mayAskAgain: Bool) async throws {
        try await OpenIDTrial.run {
            $0.timing.keysAtMostEvery = mayAskAgain ? .zero : .seconds(3600)
        } _: { trial in
            #expect(try await trial.signIn().status == 200)
            #expect(try await trial.signIn().status == 200)
            #expect(trial.issuer.count("/keys") == 1)
            let second = TestIssuer.Key(kid: "second")
            trial.issuer.publish([second])
            for _ in 0..<3 {
                let answer = try await trial.signIn { try await TestIssuer.signed($0, by: second) }
                #expect(answer.status == (mayAskAgain ? 200 : 403))
            }
            #expect(trial.issuer.count("/keys") == (mayAskAgain ? 2 : 1))
            // What the old key signs is not believed any more.
            if mayAskAgain { #expect(try await trial.signIn().status == 403) }
        }
    }

    enum Return: String, CaseIterable, Sendable {
        case changedState, noState, noCookie, anothersCookie, changedCookie, tooLate, again, otherIssuer, noCode, denied
    }

    @Test("A way back that was not begun here, was used or was changed leads nowhere", arguments: Return.allCases)
    func returns(_ way: Return) async throws {
        try await OpenIDTrial.run { trial in
            let begun = try await trial.begin()
            let back = try await trial.issuer.signIn(begun.address, at: trial.clock.clock.now()) {
                try await TestIssuer.signed($0, by: trial.issuer.key)
            }
            let state = try #require(back.split(separator: "state=").last)
            var (path, cookie): (String, String?) = (back, begun.cookie)
            switch way {
            case .changedState: path = back.replacing(state, with: String(state.reversed()))
            case .noState: path = String(back.prefix { $0 != "&" })
            case .noCookie: cookie = nil
            case .anothersCookie: cookie = try await trial.begin().cookie
            case .changedCookie: cookie = String(begun.cookie.dropLast(4)) + "AAAA"
            case .tooLate: trial.clock.advance(seconds: 601)
            case .again:
                let first = try await Browser(trial.api, cookie: cookie).get(path)
                #expect(OpenIDTrial.beginsSession(first))
                // A browser forgets the cookie; who has kept it has a code that is used.
                #expect(first.headers[values: .setCookie].contains { $0.hasPrefix("inframind_sign_in=;") })
            case .otherIssuer: path += "&iss=https%3A%2F%2Fevil.example"
            case .noCode: path = "/ui/sign-in/oidc/callback?state=\(state)"
            case .denied: path = "/ui/sign-in/oidc/callback?error=access_denied&state=\(state)"
            }
            let answer = try await Browser(trial.api, cookie: cookie).get(path)
            #expect(answer.status == 403 && !OpenIDTrial.beginsSession(answer), "\(answer.text)")
            #expect(answer.text.contains("role=\"alert\"") && answer.text.contains("Sign in with Example"))
        }
    }

    @Test(
        "After signing in nobody is sent to another site",
        arguments: ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\nb"])
    func openRedirect(_ next: String) async throws {
        try await OpenIDTrial.run { trial in
            let entered = try await trial.signIn(next: next)
            #expect(entered.status == 200 && entered.text.contains("content=\"0; url=/\""))
            #expect(!entered.text.contains("evil") && !entered.text.contains("alert(1)"))
        }
    }

    @Test(
        "Groups say whose builds somebody looks at, and what they may do there",
        arguments: [
            (["ci-payments"], "payments", "operate"), ("readers", "default", "read"),
            (["readers", "platform", "others"], "default", "admin"), (["ci-search", "ci-"], "search", "operate"),
        ] as [(JSONValue, String, String)])
    func roles(_ groups: JSONValue, _ tenant: String, _ scope: String) async throws {
        try await OpenIDTrial.run { trial in
            let browser = try trial.browser(try await trial.signIn(with: ["groups": groups]))
            let page = try await browser.get("/ui/settings").text
            #expect(page.contains("<dt>Tenant</dt><dd>\(tenant)</dd>") && page.contains("<dd>\(scope)</dd>"))
        }
    }

    @Test(
        "Who has no role is told which groups have one",
        arguments: [
            ([], "You are in none"), (["ci-a/b", "strangers<b>"], "strangers&lt;b&gt;"), (nil, "no claim “groups”"),
            (7, "no claim “groups”"),
        ] as [(JSONValue?, String)])
    func noAccess(_ groups: JSONValue?, _ word: String) async throws {
        try await OpenIDTrial.run { trial in
            let answer = try await trial.signIn(with: ["groups": groups])
            #expect(answer.status == 403 && !OpenIDTrial.beginsSession(answer))
            #expect(answer.text.contains(word) && answer.text.contains("platform: admin, tenant default"))
        }
    }

    @Test(
        "Groups that are not in the token are asked for, and those of somebody else are not taken",
        arguments: [true, false])
    func userinfo(_ isTheirs: Bool) async throws {
        try await OpenIDTrial.run { trial in
            let said = #"{"sub":"\#(isTheirs ? "248289761001" : "1")","groups":["readers"],"iss":"x"}"#
            trial.issuer.answer("/userinfo", .json(200, said))
            let answer = try await trial.signIn(with: ["groups": nil])
            #expect(answer.status == (isTheirs ? 200 : 403), "\(answer.text)")
            #expect(OpenIDTrial.beginsSession(answer) == isTheirs)
        }
    }

    @Test("Who may look at several tenants chooses one, on a page of this server alone")
    func severalTenants() async throws {
        try await OpenIDTrial.run { trial in
            let groups: JSONValue = ["ci-payments", "ci-search"]
            let asked = try await trial.signIn(with: ["groups": groups])
            #expect(asked.status == 200 && !OpenIDTrial.beginsSession(asked))
            let tickets = asked.text.split(separator: "name=\"choice\" value=\"").dropFirst()
                .map { String($0.prefix { $0 != "\"" }) }
            #expect(tickets.count == 2)
            let ticket = try #require(tickets.last)
            let visitor = Browser(trial.api)
            let path = "/ui/sign-in/oidc/tenant"
            let foreign = try await visitor.post(path, ["choice": ticket], headers: [.secFetchSite: "cross-site"])
            #expect(foreign.status == 403 && !OpenIDTrial.beginsSession(foreign))
            #expect(try await visitor.post(path, ["choice": ticket + "A"]).status == 403)
            let chosen = try await visitor.post(path, ["choice": ticket])
            #expect(chosen.status == 303 && chosen.headers[.location] == "/")
            let page = try await trial.browser(chosen).get("/ui/settings").text
            #expect(page.contains("<dt>Tenant</dt><dd>search</dd>"))
            trial.clock.advance(seconds: 601)
            #expect(try await visitor.post(path, ["choice": ticket]).status == 403)
        }
    }

    @Test("A session is over when it says so, and on a server that says something else of roles")
    func ends() async throws {
        try await OpenIDTrial.run {
            $0.sessionSeconds = 600
        } _: { trial in
            let browser = try trial.browser(try await trial.signIn())
            trial.clock.advance(seconds: 599)
            #expect(try await browser.get("/ui/settings").status == 200)
            trial.clock.advance(seconds: 2)
            #expect(try await browser.get("/ui/settings").status == 303)
        }
        let keys = try SessionKeys([String(repeating: "k", count: 40)], key: "session-key")
        var settings = OpenIDSettings(
            issuer: "https://id.example", clientID: "a", name: "n", publicURL: "https://inframind.example")
        settings.roles = [try GroupRole("ci=read", key: "oidc-roles")]
        let store = try await SQLStoreForTests.empty()
        func sessions(_ openID: OpenIDSettings?) -> Sessions {
            Sessions(
                directory: TokenDirectory(configured: { .development }, store: store, clock: .system), clock: .system,
                keys: { keys }, openID: openID)
        }
        let person = AdmittedPerson(name: "Jane", actor: "person Jane (1)", tenant: .default, scope: .read)
        let cookie = try #require(try sessions(settings).begin(person, seconds: 60))
        func knows(_ openID: OpenIDSettings?, _ value: String? = nil) async throws -> Bool {
            let head = HTTPRequest(
                method: .get, scheme: nil, authority: nil, path: "/",
                headerFields: [.cookie: "inframind_session=\(value ?? cookie)"])
            return try await sessions(openID).session(of: Request(head: head, body: .init(buffer: .init()))) != nil
        }
        #expect(try await knows(settings))
        #expect(try await !knows(nil))
        // Longer than any that begins here.
        #expect(try await !knows(settings, sessions(settings).begin(person, seconds: 100_000)))
        settings.roles = []
        #expect(try await !knows(settings))
    }

    enum Trouble: String, CaseIterable, Sendable {
        case away, silent, silentAfterTheHead, notFound, huge, noJSON, otherJSON, otherName, plainAddress
        case keysAreNoJSON, tokenFails, tokenIsNoJSON, tokenIsHuge, unknownClient

        var isAfterTheWayBack: Bool {
            Self.allCases.firstIndex(of: self)! >= Self.allCases.firstIndex(of: .keysAreNoJSON)!
        }
    }

    @Test(
        "An issuer that does not do its part is told as such, and tokens still open the pages",
        arguments: Trouble.allCases)
    func trouble(_ trouble: Trouble) async throws {
        let isSilence = trouble == .silent || trouble == .silentAfterTheHead
        try await OpenIDTrial.run {
            if isSilence { $0.timing.exchangeSeconds = 0.2 }
        } _: { trial in
            let issuer = trial.issuer
            let huge = LoopbackServer.Answer.json(200, "{\"a\":\"" + String(repeating: "a", count: 300_000) + "\"}")
            let place = "/.well-known/openid-configuration"
            var metadata = issuer.metadata
            switch trouble {
            case .away: issuer.stop()
            case .silent: issuer.answer(place, .silence)
            case .silentAfterTheHead: issuer.answer(place, .headOnly)
            case .notFound: issuer.answer(place, .json(404, "{}"))
            case .huge: issuer.answer(place, huge)
            case .noJSON: issuer.answer(place, .json(200, "<html>"))
            case .otherJSON: issuer.answer(place, .json(200, "[1]"))
            case .otherName:
                metadata["issuer"] = "https://evil.example"
                issuer.answer(place, .json(200, TestIssuer.json(.object(metadata))))
            case .plainAddress:
                metadata["token_endpoint"] = "http://issuer.example/token"
                issuer.answer(place, .json(200, TestIssuer.json(.object(metadata))))
            case .keysAreNoJSON: issuer.answer("/keys", .json(200, "{\"keys\":7}"))
            case .tokenFails: issuer.answer("/token", .json(500, "{}"))
            case .tokenIsNoJSON: issuer.answer("/token", .json(200, "id_token=a"))
            case .tokenIsHuge: issuer.answer("/token", huge)
            case .unknownClient: issuer.answer("/token", .json(401, #"{"error":"invalid_client"}"#))
            }
            let answer =
                trouble.isAfterTheWayBack
                ? try await trial.signIn() : try await Browser(trial.api).get("/ui/sign-in/oidc")
            #expect(answer.status == (trouble == .unknownClient ? 403 : 503), "\(answer.text)")
            #expect(answer.text.contains("role=\"alert\"") && answer.text.contains("With a token"))
            #expect(!OpenIDTrial.beginsSession(answer))
            if trouble == .unknownClient { #expect(trial.log.text.contains("invalid_client")) }
            #expect(!trial.log.text.contains(TestIssuer.secret))
            _ = try await Browser(trial.api, token: TestServer.key)
            // What has passed is forgotten.
            guard trouble != .away, !isSilence else { return }
            for path in [place, "/keys", "/token"] { issuer.answer(path, nil) }
            #expect(try await trial.signIn().status == 200)
        }
    }
}

extension JSONValue: ExpressibleByArrayLiteral {
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
}

@Suite("Roles of groups")
struct GroupRoleTests {
    @Test(
        "A role names a group and what it may do, and its star stands for the tenant",
        arguments: [
            ("readers=read", "readers", "default"), ("readers=read", "reader", nil), ("readers=read", "Readers", nil),
            ("readers=read@red", "readers", "red"), ("ci-*=operate@*", "ci-payments", "payments"),
            ("ci-*=operate@*", "ci-", nil), ("ci-*=operate@*", "xci-a", nil), ("ci-*=operate@*", "ci-a b", nil),
            ("*-ci=read@*", "red-ci", "red"), ("ci-*=read@blue", "ci-a b", "blue"),
            ("CN=CI,OU=Teams=admin@red", "CN=CI,OU=Teams", "red"), ("a@b=read@red", "a@b", "red"),
        ] as [(String, String, String?)])
    func tenants(_ text: String, _ group: String, _ tenant: String?) throws {
        #expect(try GroupRole(text, key: "oidc-roles").tenant(for: group)?.rawValue == tenant)
    }

    @Test(
        "A role that says nothing, too much or what nobody may is refused",
        arguments: [
            "", "readers", "=read", "readers=", "readers=write", "readers=ingest", "readers=read@", "readers=read@a b",
            "readers=read@*", "a*b*=read@*", "readers=read@red@blue",
        ])
    func refused(_ text: String) {
        let error = #expect(throws: ConfigurationError.self) { _ = try GroupRole(text, key: "oidc-roles") }
        #expect(error?.description.hasPrefix("oidc-roles") == true)
    }

    @Test("A path leads to groups within a claim, and a name with dots is a name first")
    func paths() {
        let claims: [String: JSONValue] = [
            "realm": .object(["roles": ["a", 1, "b"]]), "https://x.example/groups": ["c"], "one": "d",
        ]
        #expect(IDToken.groups("realm.roles", in: claims) == ["a", "b"])
        #expect(IDToken.groups("https://x.example/groups", in: claims) == ["c"])
        #expect(IDToken.groups("one", in: claims) == ["d"])
        #expect(IDToken.groups("realm.none", in: claims) == nil && IDToken.groups("realm", in: claims) == nil)
    }
}
