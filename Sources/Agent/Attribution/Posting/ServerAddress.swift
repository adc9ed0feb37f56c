/// Where to post: `http://host:port/prefix` or `https://…`, taken apart.
struct ServerAddress: Hashable, Sendable {
    /// Why an address is none, in the words of the configuration's reader.
    struct Invalid: Error, Hashable, Sendable, CustomStringConvertible {
        var description: String
    }

    var isSecure: Bool
    /// A name or a numeric address, an IPv6 one without its brackets.
    var host: String
    var port: UInt16
    /// Empty, or begins with `/` and does not end with one.
    var prefix: String

    private static let limitBytes = 2048

    /// - Throws: ``Invalid``.
    init(_ text: String) throws(Invalid) {
        func invalid(_ reason: String) -> Invalid { Invalid(description: "server '\(text.prefix(200))' \(reason)") }
        guard text.utf8.count <= Self.limitBytes else { throw invalid("is longer than \(Self.limitBytes) bytes") }
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw invalid("has spaces or control characters")
        }
        let lowercased = text.lowercased()
        guard let scheme = ["http://", "https://"].first(where: lowercased.hasPrefix) else {
            throw invalid("does not begin with http:// or https://")
        }
        isSecure = scheme == "https://"
        let rest = text.dropFirst(scheme.count)
        guard !rest.contains(where: { $0 == "?" || $0 == "#" }) else { throw invalid("has a query or a fragment") }
        let authority = rest.prefix { $0 != "/" }
        guard !authority.contains("@") else { throw invalid("carries a user name; use a token file instead") }
        var path = rest.dropFirst(authority.count)
        while path.last == "/" { path = path.dropLast() }
        prefix = String(path)
        let portText: Substring
        if authority.first == "[" {
            guard let end = authority.firstIndex(of: "]") else { throw invalid("has an address without its ]") }
            host = String(authority[authority.index(after: authority.startIndex)..<end])
            portText = authority[authority.index(after: end)...]
        } else {
            host = String(authority.prefix { $0 != ":" })
            portText = authority.dropFirst(host.count)
        }
        guard !host.isEmpty else { throw invalid("names no host") }
        if portText.isEmpty {
            port = isSecure ? 443 : 80
        } else {
            guard portText.first == ":", let number = UInt16(portText.dropFirst()), number > 0 else {
                throw invalid("has no port between 1 and 65535 after its host")
            }
            port = number
        }
    }

    /// For the `Host` field.
    var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
    }
}
