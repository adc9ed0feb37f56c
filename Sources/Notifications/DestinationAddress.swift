import Foundation

/// Where a destination listens. The whole URL is a secret: a Slack webhook's path is all that it asks for.
public struct DestinationAddress: Hashable, Sendable {
    let url: Secret
    /// Its parts that are worth keeping out of what a receiver says: nothing short enough to be a common word.
    let parts: [Secret]
    /// Whether nobody but this machine hears what is sent.
    public let isLoopback: Bool
    public let isEncrypted: Bool

    /// Longest address accepted, in bytes; far beyond any real one.
    private static let mostBytes = 2048

    /// - Throws: ``InvalidDestination``, which never repeats the address.
    public init(_ text: String) throws(InvalidDestination) {
        guard text.utf8.count <= Self.mostBytes, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw InvalidDestination("must be at most \(Self.mostBytes) characters, without spaces")
        }
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            ["http", "https"].contains(scheme)
        else { throw InvalidDestination("must begin with http:// or https://") }
        guard let host = parts.host, !host.isEmpty else { throw InvalidDestination("must name a host") }
        guard parts.user == nil, parts.password == nil else {
            throw InvalidDestination("must not carry a user name; use token instead")
        }
        guard parts.fragment == nil else { throw InvalidDestination("must not have a fragment") }
        if let port = parts.port, !(1...65_535).contains(port) { throw InvalidDestination("has no port") }
        url = Secret(text)
        self.parts = [text, parts.percentEncodedPath, parts.percentEncodedQuery ?? ""]
            .filter { $0.count > 5 }.map(Secret.init)
        isEncrypted = scheme == "https"
        let name = host.trimmingCharacters(in: CharacterSet(charactersIn: "[]")).lowercased()
        let quad = name.split(separator: ".", omittingEmptySubsequences: false)
        isLoopback =
            name == "localhost" || name == "::1"
            || (quad.count == 4 && quad[0] == "127" && quad.allSatisfy { UInt8($0) != nil })
    }

    /// This address with `path` at its end, unless it ends so.
    func ending(with path: String) -> String {
        var text = url.value[...]
        while text.hasSuffix("/") { text = text.dropLast() }
        return text.hasSuffix(path) ? String(text) : text + path
    }
}

/// Why there can be no such destination; begins where the name of the setting ends.
public struct InvalidDestination: Error, Hashable, Sendable, CustomStringConvertible {
    public var description: String

    public init(_ description: String) { self.description = description }
}
