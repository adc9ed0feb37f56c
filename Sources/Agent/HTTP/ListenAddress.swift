import Glibc

/// A numeric address and a port to listen on. Names are not looked up: the agent has no business with DNS.
struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
    enum Host: Hashable, Sendable {
        case v4(UInt8, UInt8, UInt8, UInt8)
        /// Sixteen bytes in network order.
        case v6([UInt8])
    }

    var host: Host
    var port: UInt16

    init(host: Host, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// Parses `127.0.0.1:9102`, `[::1]:9102`, `localhost:9102` (IPv4) or `:9102` (all IPv4 interfaces).
    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]),
            let host = Self.host(String(text[..<colon]))
        else { return nil }
        self.init(host: host, port: port)
    }

    /// The same, or a sentence about what is wrong.
    static func parse(_ text: String) throws(ConfigurationProblem) -> ListenAddress {
        guard let address = ListenAddress(text) else {
            throw ConfigurationProblem(
                "takes an address and a port, as in 127.0.0.1:9102 or [::1]:0, not '\(text)'")
        }
        return address
    }

    private static func host(_ text: String) -> Host? {
        if text.isEmpty { return .v4(0, 0, 0, 0) }
        if text == "localhost" { return .v4(127, 0, 0, 1) }
        if text.hasPrefix("[") && text.hasSuffix("]") {
            var address = in6_addr()
            guard inet_pton(AF_INET6, String(text.dropFirst().dropLast()), &address) == 1 else { return nil }
            return .v6(withUnsafeBytes(of: &address) { Array($0) })
        }
        var address = in_addr()
        guard inet_pton(AF_INET, text, &address) == 1 else { return nil }
        let bytes = withUnsafeBytes(of: &address) { Array($0) }
        return .v4(bytes[0], bytes[1], bytes[2], bytes[3])
    }

    var description: String {
        switch host {
        case .v4(let a, let b, let c, let d): return "\(a).\(b).\(c).\(d):\(port)"
        case .v6(let bytes):
            var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
            inet_ntop(AF_INET6, bytes, &text, socklen_t(text.count))
            let name = text.prefix { $0 != 0 }.map { UInt8(truncatingIfNeeded: $0) }
            return "[\(String(decoding: name, as: UTF8.self))]:\(port)"
        }
    }

    var family: Int32 {
        switch host {
        case .v4: AF_INET
        case .v6: AF_INET6
        }
    }

    /// Calls `body` with this address as the socket interface wants it.
    func withSocketAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        switch host {
        case .v4(let a, let b, let c, let d):
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            withUnsafeMutableBytes(of: &address.sin_addr) { $0.copyBytes(from: [a, b, c, d]) }
            return withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        case .v6(let bytes):
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            withUnsafeMutableBytes(of: &address.sin6_addr) { $0.copyBytes(from: bytes) }
            return withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body($0, socklen_t(MemoryLayout<sockaddr_in6>.size))
                }
            }
        }
    }
}
