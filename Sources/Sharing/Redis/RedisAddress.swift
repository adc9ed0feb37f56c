import Foundation

/// Where a Redis server is, and who we are there: `redis://[[user]:password@]host[:port][/database]`.
public struct RedisAddress: Hashable, Sendable {
    public let host: String
    /// 6379 unless given.
    public let port: Int
    /// 0 unless given.
    public let database: Int
    /// `nil` for Redis' default user.
    public let user: String?
    let password: String?

    /// Characters that mean something in a URL are written as `%XX` in user and password.
    ///
    /// - Throws: ``RedisAddressError``, which never repeats what was given: it may hold a password.
    public init(_ url: String) throws(RedisAddressError) {
        guard let parts = URLComponents(string: url), let scheme = parts.scheme?.lowercased() else {
            throw .unreadable
        }
        if scheme == "rediss" { throw .needsTLS }
        guard scheme == "redis", parts.query == nil, parts.fragment == nil else { throw .unreadable }
        guard var host = parts.host, !host.isEmpty else { throw .unreadable }
        // An IPv6 address stands in brackets in a URL, and without them everywhere else.
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        let port = parts.port ?? 6379
        guard (1...65_535).contains(port) else { throw .unreadable }
        let path = parts.path.drop { $0 == "/" }
        guard let database = path.isEmpty ? 0 : Int(path), database >= 0, parts.path.count <= path.count + 1 else {
            throw .unreadable
        }
        // A user needs a password; a lone name before the @ is most likely a password in the wrong place.
        if parts.user != nil, parts.password == nil { throw .userWithoutPassword }
        self.host = host
        self.port = port
        self.database = database
        user = parts.user.flatMap { $0.isEmpty ? nil : $0 }
        password = parts.password.flatMap { $0.isEmpty ? nil : $0 }
    }
}

extension RedisAddress: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Without user and password.
    public var description: String {
        "redis://\(host.contains(":") ? "[\(host)]" : host):\(port)/\(database)"
    }
    public var debugDescription: String { description }
    /// `dump` and test failures look here.
    public var customMirror: Mirror { Mirror(self, children: ["address": description]) }
}

public enum RedisAddressError: Error, Hashable, CustomStringConvertible {
    case unreadable
    case needsTLS
    case userWithoutPassword

    public var description: String {
        switch self {
        case .unreadable:
            "The Redis URL cannot be read; it should look like redis://USER:PASSWORD@HOST:PORT/DATABASE, "
                + "special characters as %XX."
        case .needsTLS:
            "rediss:// needs TLS, which hiredis 0.14 does not have; use redis:// on a network you trust, "
                + "or through a TLS tunnel."
        case .userWithoutPassword:
            "The Redis URL names a user but no password; a password alone is written as redis://:PASSWORD@HOST."
        }
    }
}
