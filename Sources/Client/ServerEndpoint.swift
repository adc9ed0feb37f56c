/// Where the server is and what proves to it who asks.
public struct ServerEndpoint: Hashable, Sendable {
    /// `http://host:port` or `https://host:port/prefix`, without a trailing slash.
    public let url: String
    /// Sent as `X-IM-Token`; `nil` sends none, and all but the public endpoints then answer 403.
    public let token: String?
    /// True when the server is on this machine: the only place where the development token is sent unasked.
    public let isLoopback: Bool
    /// For `https` where the system's trust is not enough.
    public let tls: ClientTLS?

    /// The token a development server accepts on loopback, and nothing else accepts.
    public static let developmentToken = "dev-key-change-in-production"

    /// Longest address accepted, in bytes; far beyond any real one.
    private static let mostBytes = 2048

    /// - Parameters:
    ///   - url: an `http` or `https` address with a host; a trailing slash is dropped.
    ///   - token: the caller's token. Without one, a loopback server gets ``developmentToken``.
    ///   - tls: whom to trust, and what to show.
    /// - Throws: ``InvalidServerAddress`` saying what is wrong with `url`, or that the token cannot travel in a header.
    public init(url: String, token: String?, tls: ClientTLS? = nil) throws(InvalidServerAddress) {
        let host = try Self.host(of: url)
        let isLoopback = Self.isLoopback(host)
        if let token, !token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) {
            throw InvalidServerAddress(text: "", reason: "the token has characters that cannot travel in a header")
        }
        var trimmed = url[...]
        while trimmed.hasSuffix("/") { trimmed = trimmed.dropLast() }
        self.url = String(trimmed)
        self.tls = tls
        self.isLoopback = isLoopback
        self.token = token.flatMap { $0.isEmpty ? nil : $0 } ?? (isLoopback ? Self.developmentToken : nil)
    }

    private static func host(of url: String) throws(InvalidServerAddress) -> String {
        func refuse(_ reason: String) -> InvalidServerAddress {
            InvalidServerAddress(text: String(url.prefix(200)), reason: reason)
        }
        guard url.utf8.count <= mostBytes else { throw refuse("is longer than \(mostBytes) bytes") }
        guard url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw refuse("has spaces or control characters")
        }
        let lowercased = url.lowercased()
        guard let scheme = ["http://", "https://"].first(where: lowercased.hasPrefix) else {
            throw refuse("does not begin with http:// or https://")
        }
        let rest = url.dropFirst(scheme.count)
        guard !rest.contains("?" as Character), !rest.contains("#" as Character) else {
            throw refuse("has a query or a fragment")
        }
        let authority = rest.prefix { $0 != "/" }
        guard !authority.contains("@" as Character) else { throw refuse("carries a user name; use a token instead") }
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { throw refuse("has an address without its closing ]") }
            try checkPort(authority[authority.index(after: end)...], refuse)
            return String(authority[authority.index(after: authority.startIndex)..<end])
        }
        let host = authority.prefix { $0 != ":" }
        guard !host.isEmpty else { throw refuse("names no host") }
        try checkPort(authority.dropFirst(host.count), refuse)
        return String(host)
    }

    /// - Parameter text: what follows the host: nothing, or `:PORT`.
    private static func checkPort(
        _ text: Substring, _ refuse: (String) -> InvalidServerAddress
    ) throws(InvalidServerAddress) {
        if text.isEmpty { return }
        guard text.hasPrefix(":"), let port = Int(text.dropFirst()), (1...65_535).contains(port) else {
            throw refuse("has no port between 1 and 65535 after its host")
        }
    }

    private static func isLoopback(_ host: String) -> Bool {
        if host.lowercased() == "localhost" || host == "::1" { return true }
        // Dotted quads only: 127.example.com is somebody else's machine.
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}

/// An address no client can be made for.
public struct InvalidServerAddress: Error, Hashable, Sendable, CustomStringConvertible {
    public var text: String
    public var reason: String

    public var description: String { text.isEmpty ? reason : "server address '\(text)' \(reason)" }
}
