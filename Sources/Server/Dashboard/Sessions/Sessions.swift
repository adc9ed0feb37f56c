import Builds
import Crypto
import Foundation
import Hummingbird

/// Who looks at a page, and the word that the forms on it must repeat.
struct Session: Hashable, Sendable {
    let caller: Caller
    /// In every form of this session; a page of another site cannot know it.
    let formToken: String
    let expiresAt: Timestamp
    /// What the issuer calls who is signed in; `nil`: a token is.
    var person: String?
}

/// Keeps people signed in: a cookie holds the digest of the token they showed, or what their issuer's word made of them, sealed
/// with a key of this server.
///
/// Nothing is kept here, so sessions need no table and no clearing. Each request asks ``TokenDirectory`` about the digest: a
/// token that is revoked ends its sessions as soon as it ends requests of programs. Nobody can be asked about a person: such a
/// session is over when it says so, when the key is another, or when what is said of the issuer and of roles is. The cookie
/// is encrypted and authenticated, so its bearer can neither change it nor guess the token from it.
struct Sessions: Sendable {
    static let cookieName = "inframind_session"
    /// A working day. Who comes back later signs in again.
    static let lifetimeSeconds = 43_200.0

    private static let digestBytes = 32
    private static let formTokenBytes = 16

    let directory: TokenDirectory
    let clock: WallClock
    private let keys: @Sendable () -> SessionKeys
    private let tokens: Seal
    private let people: Seal?

    /// - Parameters:
    ///   - keys: those of now; the same on all servers that answer under one address.
    ///   - openID: who else says who somebody is; `nil`: nobody.
    init(
        directory: TokenDirectory, clock: WallClock, keys: @escaping @Sendable () -> SessionKeys,
        openID: OpenIDSettings? = nil
    ) {
        self.directory = directory
        self.clock = clock
        self.keys = keys
        tokens = Seal(keys, purpose: "inframind session")
        people = openID.map { Seal(keys, purpose: "inframind person \($0.fingerprint)") }
    }

    /// Seals what a browser keeps for us for some other purpose.
    func seal(for purpose: String) -> Seal { Seal(keys, purpose: purpose) }

    /// The session of who presents `token`, and what its cookie says; `nil` when the token is not known.
    func begin(presenting token: String) async throws -> (session: Session, cookie: String)? {
        guard let caller = try await directory.caller(presenting: token) else { return nil }
        let expiresAt = clock.now().advanced(bySeconds: Self.lifetimeSeconds)
        let formToken = SymmetricKey(size: .bits128).withUnsafeBytes { Data($0) }
        var content = Data(TokenSecret.digest(of: token))
        content.append(formToken)
        withUnsafeBytes(of: expiresAt.microseconds.bigEndian) { content.append(contentsOf: $0) }
        return (
            Session(caller: caller, formToken: Base64URL.text(formToken), expiresAt: expiresAt),
            try tokens.close(content)
        )
    }

    /// What the cookie of a person's session says.
    private struct PersonContent: Codable {
        var admitted: AdmittedPerson
        var formToken: String
        var expiresAt: Int64
    }

    /// What the cookie says of the session of a person whom the issuer knows; `nil` when there are no such sessions here.
    func begin(_ person: AdmittedPerson, seconds: Double) throws -> String? {
        try people?.close(
            PersonContent(
                admitted: person, formToken: Base64URL.random(bytes: Self.formTokenBytes),
                expiresAt: clock.now().advanced(bySeconds: seconds).microseconds))
    }

    /// Who sends `request`; `nil` for nobody, for a session that is over, and for a token that is.
    func session(of request: Request) async throws -> Session? {
        // A browser may hold cookies of the same name for other paths: any that opens counts.
        for cookie in request.cookies(named: Self.cookieName) {
            if let session = try await session(cookie: cookie) { return session }
        }
        return nil
    }

    private func session(cookie: String) async throws -> Session? {
        guard let content = tokens.open(cookie) else { return personSession(cookie: cookie) }
        guard content.count == Self.digestBytes + Self.formTokenBytes + 8 else { return nil }
        let microseconds = content.suffix(8).reduce(Int64(0)) { $0 << 8 | Int64($1) }
        let expiresAt = Timestamp(microseconds: microseconds)
        guard clock.now() < expiresAt,
            let caller = try await directory.caller(digest: Array(content.prefix(Self.digestBytes)))
        else { return nil }
        let formToken = content.dropFirst(Self.digestBytes).prefix(Self.formTokenBytes)
        return Session(caller: caller, formToken: Base64URL.text(formToken), expiresAt: expiresAt)
    }

    private func personSession(cookie: String) -> Session? {
        guard let content = people?.open(cookie, as: PersonContent.self) else { return nil }
        let expiresAt = Timestamp(microseconds: content.expiresAt)
        // Further off than any that begins here: somebody who has the key made it for themselves.
        guard clock.now() < expiresAt, expiresAt <= clock.now().advanced(bySeconds: Self.lifetimeSeconds) else {
            return nil
        }
        return Session(
            caller: content.admitted.caller, formToken: content.formToken, expiresAt: expiresAt,
            person: content.admitted.name)
    }
}

extension Sessions {
    /// What a response says to begin (`value`) or to end (`nil`) a session.
    ///
    /// - Parameter isSecured: whether the browser speaks TLS with whoever it speaks with: then the cookie never travels
    ///   without.
    static func cookie(_ value: String?, isSecured: Bool, seconds: Double = lifetimeSeconds) -> Cookie {
        Cookie(
            name: cookieName, value: value ?? "", maxAge: value == nil ? 0 : Int(seconds), path: "/",
            secure: isSecured, httpOnly: true, sameSite: .strict)
    }
}

extension Request {
    /// The values of all cookies of that name.
    func cookies(named name: String) -> [String] {
        headers[values: .cookie].flatMap { $0.split(separator: ";") }.compactMap { cookie in
            let parts = cookie.split(separator: "=", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            return parts.count == 2 && parts[0] == name ? parts[1] : nil
        }
    }
}
