import Builds
import Hummingbird
import Logging
import Notifications
import Sharing

/// `/ui/sign-in/oidc`: to the issuer, and back from it.
struct OpenIDController: Sendable {
    /// Ways back from one address, which may be that of a whole company's proxy. Each may cost two exchanges with the issuer.
    private static let returns = RateLimit(requests: 300, windowSeconds: 60)

    /// `nil`: people sign in by token alone.
    let issuer: Issuer?
    let signIn: SignInController
    let audit: AuditLog
    private let pending: Seal
    private let choices: Seal

    private var clock: WallClock { signIn.sessions.clock }

    init(issuer: Issuer?, signIn: SignInController, audit: AuditLog) {
        self.issuer = issuer
        self.signIn = signIn
        self.audit = audit
        pending = signIn.sessions.seal(for: "inframind pending sign-in")
        // As sessions are: what somebody may do is not what they could do under other settings.
        choices = signIn.sessions.seal(for: "inframind choice of a tenant \(issuer?.settings.fingerprint ?? "")")
    }

    func addRoutes(to open: RouterGroup<APIRequestContext>) {
        open.get("/ui/sign-in/oidc", use: begin)
        open.get("/ui/sign-in/oidc/callback", use: finish)
        open.post("/ui/sign-in/oidc/tenant", use: choose)
    }

    private func known() throws -> Issuer {
        guard let issuer else {
            throw APIError.notFound("People sign in here by token alone: no oidc-issuer is set.")
        }
        return issuer
    }

    // MARK: - There

    @Sendable private func begin(_ request: Request, context: APIRequestContext) async throws -> Response {
        let issuer = try known()
        let begun = PendingSignIn(next: SignInController.own(QueryParameters(request).text("next")), now: clock.now())
        do {
            var response = Response.redirect(to: try await issuer.address(for: begun), type: .normal)
            response.setCookie(cookie(try pending.close(begun), request))
            response.headers[.cacheControl] = "no-store"
            return response
        } catch let failure as SignOnFailure {
            return refusal(failure, issuer, next: begun.next, to: request)
        }
    }

    // MARK: - And back

    @Sendable private func finish(_ request: Request, context: APIRequestContext) async throws -> Response {
        let issuer = try known()
        let address = context.channel.remoteAddress?.ipAddress ?? "unknown"
        var response = try await answer(to: request, from: address, issuer)
        // Whatever came of it, this sign-in is over: the address cannot be used again.
        response.setCookie(cookie(nil, request))
        response.headers[.cacheControl] = "no-store"
        response.headers[.eTag] = nil
        return response
    }

    private func answer(to request: Request, from address: String, _ issuer: Issuer) async throws -> Response {
        let query = QueryParameters(request)
        let begun = request.cookies(named: PendingSignIn.cookieName).lazy
            .compactMap { pending.open($0, as: PendingSignIn.self) }.first { $0.state == query.text("state") }
        guard let begun, !begun.isOver(at: clock.now()) else {
            return refuse(
                """
                This sign-in was not begun in this browser at \(issuer.settings.publicURL), was finished before, or took longer
                than ten minutes. Begin again.
                """, next: nil, to: request)
        }
        // Only who has begun is counted: strangers behind the same proxy cannot use up what others need.
        if case .refused(let seconds) = await signIn.limiter.admit("oidc:\(address)", within: Self.returns) {
            throw APIError.tooManyRequests(retryAfterSeconds: max(1, Int(seconds.rounded(.up))))
        }
        // An issuer that says who answers (RFC 9207) must be ours.
        if let name = query.text("iss"), name != issuer.settings.issuer {
            return refusal(.unbelievable("the answer is another issuer's (iss)"), issuer, next: begun.next, to: request)
        }
        guard let code = query.text("code") else {
            let word = PlainText.cleaned(query.text("error") ?? "no code", atMost: 60)
            return refusal(.refused(word), issuer, next: begun.next, to: request)
        }
        do {
            return try await admit(try await issuer.person(code: code, begun), issuer, next: begun.next, to: request)
        } catch let failure as SignOnFailure {
            return refusal(failure, issuer, next: begun.next, to: request)
        }
    }

    private func admit(_ person: Person, _ issuer: Issuer, next: String?, to request: Request) async throws -> Response
    {
        let admitted = issuer.settings.grants(to: person.groups ?? []).map { tenant, scope in
            AdmittedPerson(name: person.name, actor: person.actor, tenant: tenant, scope: scope)
        }.sorted { $0.tenant.rawValue < $1.tenant.rawValue }
        guard let first = admitted.first else {
            signIn.logger.notice(
                "Sign-in was refused", metadata: ["person": "\(person.actor)", "reason": "no role for their groups"])
            var page = Page(
                title: "No access", body: NoAccessPage(person: person, settings: issuer.settings).body)
            page.status = .forbidden
            return page.response(to: request)
        }
        guard admitted.count == 1 else {
            let page = TenantChoicePage(
                name: person.name,
                choices: try admitted.map {
                    ($0, try choices.close(Choice(admitted: $0, next: next, now: clock.now())))
                })
            return Page(title: "Which tenant?", body: page.body).response(to: request)
        }
        // Not a redirect: the browser comes from the issuer's site, and would not send a cookie that is for ours alone.
        var page = Page(
            title: "Signed in",
            body: """
                <h1>Signed in</h1>
                <div class="note ok" role="status"><p>You are signed in as \(person.name).</p></div>
                <p><a class="button" href="\(next ?? "/")">Go on to the page</a></p>
                """)
        page.next = next ?? "/"
        var response = page.response(to: request)
        response.setCookie(try await session(of: first, issuer, request))
        return response
    }

    // MARK: - Several tenants

    /// One of several tenants a person may look at, until they choose.
    private struct Choice: Codable {
        var admitted: AdmittedPerson
        var next: String?
        var expiresAt: Int64

        init(admitted: AdmittedPerson, next: String?, now: Timestamp) {
            self.admitted = admitted
            self.next = next
            expiresAt = now.advanced(bySeconds: PendingSignIn.lifetimeSeconds).microseconds
        }
    }

    @Sendable private func choose(_ request: Request, context: APIRequestContext) async throws -> Response {
        let issuer = try known()
        var request = request
        guard let ticket = try await FormFields(&request)["choice"],
            let choice = choices.open(ticket, as: Choice.self), clock.now().microseconds < choice.expiresAt
        else { return refuse("That took longer than ten minutes. Sign in again.", next: nil, to: request) }
        var response = Response.redirect(to: choice.next ?? "/", type: .normal)
        response.setCookie(try await session(of: choice.admitted, issuer, request))
        return response
    }

    private func session(of person: AdmittedPerson, _ issuer: Issuer, _ request: Request) async throws -> Cookie {
        let seconds = issuer.settings.sessionSeconds
        try await audit.record("session.begin", person.scope.rawValue, by: person.caller)
        return Sessions.cookie(
            try signIn.sessions.begin(person, seconds: seconds), isSecured: isSecured(request), seconds: seconds)
    }

    // MARK: - Refusals

    private func refusal(
        _ failure: SignOnFailure, _ issuer: Issuer, next: String?, to request: Request
    ) -> Response {
        let name = issuer.settings.name
        signIn.logger.warning("Sign-in with the issuer failed", error: failure)
        return switch failure {
        case .away:
            signIn.refusal(
                next: next,
                """
                \(name) cannot be asked at the moment. Try again in a minute, or sign in with a token. If it stays so, tell
                whoever runs this server: its log says why.
                """, status: .serviceUnavailable, to: request)
        case .refused("access_denied"): refuse("\(name) did not let you in, or you went back.", next: next, to: request)
        case .refused:
            refuse(
                """
                \(name) did not go through with this sign-in. Begin again. If it stays so, tell whoever runs this server: its
                log says why.
                """, next: next, to: request)
        case .unbelievable:
            refuse(
                """
                What \(name) said about you cannot be believed, so nobody was signed in. Begin again. If it stays so, tell
                whoever runs this server: its log says why.
                """, next: next, to: request)
        }
    }

    private func refuse(_ words: HTML, next: String?, to request: Request) -> Response {
        signIn.refusal(next: next, words, to: request)
    }

    // MARK: - Cookies

    private func isSecured(_ request: Request) -> Bool {
        issuer?.settings.publicURL.hasPrefix("https://") == true || signIn.isSecured(request)
    }

    /// Lax, not strict: it must come along when the issuer sends the browser back.
    private func cookie(_ value: String?, _ request: Request) -> Cookie {
        Cookie(
            name: PendingSignIn.cookieName, value: value ?? "",
            maxAge: value == nil ? 0 : Int(PendingSignIn.lifetimeSeconds), path: "/ui/sign-in",
            secure: isSecured(request), httpOnly: true, sameSite: .lax)
    }
}
