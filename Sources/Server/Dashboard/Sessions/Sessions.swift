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
}

/// Keeps people signed in: a cookie holds the digest of the token they showed, sealed with a key of this server.
///
/// Nothing is kept here, so sessions need no table and no clearing. Each request asks ``TokenDirectory`` about the digest: a
/// token that is revoked ends its sessions as soon as it ends requests of programs. The cookie is encrypted and
/// authenticated (ChaCha20-Poly1305), so its bearer can neither change it nor guess the token from it.
struct Sessions: Sendable {
    static let cookieName = "inframind_session"
    /// A working day. Who comes back later shows the token again.
    static let lifetimeSeconds = 43_200.0

    private static let digestBytes = 32
    private static let formTokenBytes = 16

    let directory: TokenDirectory
    let clock: WallClock
    /// The keys as they are now.
    let keys: @Sendable () -> SessionKeys

    /// The session of who presents `token`, and what its cookie says; `nil` when the token is not known.
    func begin(presenting token: String) async throws -> (session: Session, cookie: String)? {
        guard let caller = try await directory.caller(presenting: token) else { return nil }
        let expiresAt = clock.now().advanced(bySeconds: Self.lifetimeSeconds)
        let formToken = SymmetricKey(size: .bits128).withUnsafeBytes { Data($0) }
        var content = Data(TokenSecret.digest(of: token))
        content.append(formToken)
        withUnsafeBytes(of: expiresAt.microseconds.bigEndian) { content.append(contentsOf: $0) }
        let sealed = try keys().seal(content)
        return (Session(caller: caller, formToken: Self.text(formToken), expiresAt: expiresAt), Self.text(sealed))
    }

    /// Who sends `request`; `nil` for nobody, for a session that is over, and for a token that is.
    func session(of request: Request) async throws -> Session? {
        // A browser may hold cookies of the same name for other paths: any that opens counts.
        for cookie in request.headers[values: .cookie].flatMap({ $0.split(separator: ";") }) {
            let parts = cookie.split(separator: "=", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            guard parts.count == 2, parts[0] == Self.cookieName else { continue }
            if let session = try await session(cookie: parts[1]) { return session }
        }
        return nil
    }

    private func session(cookie: String) async throws -> Session? {
        guard let sealed = Self.data(cookie), let content = keys().open(sealed),
            content.count == Self.digestBytes + Self.formTokenBytes + 8
        else { return nil }
        let microseconds = content.suffix(8).reduce(Int64(0)) { $0 << 8 | Int64($1) }
        let expiresAt = Timestamp(microseconds: microseconds)
        guard clock.now() < expiresAt,
            let caller = try await directory.caller(digest: Array(content.prefix(Self.digestBytes)))
        else { return nil }
        let formToken = content.dropFirst(Self.digestBytes).prefix(Self.formTokenBytes)
        return Session(caller: caller, formToken: Self.text(Data(formToken)), expiresAt: expiresAt)
    }

    private static func text(_ data: Data) -> String {
        data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    private static func data(_ text: String) -> Data? {
        guard text.utf8.count < 512 else { return nil }
        let plain = text.replacing("-", with: "+").replacing("_", with: "/")
        return Data(base64Encoded: plain + String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4))
    }
}

extension Sessions {
    /// What a response says to begin (`value`) or to end (`nil`) a session.
    ///
    /// - Parameter isSecured: whether the browser speaks TLS with whoever it speaks with: then the cookie never travels
    ///   without.
    static func cookie(_ value: String?, isSecured: Bool) -> Cookie {
        Cookie(
            name: cookieName, value: value ?? "", maxAge: value == nil ? 0 : Int(lifetimeSeconds), path: "/",
            secure: isSecured, httpOnly: true, sameSite: .strict)
    }
}
