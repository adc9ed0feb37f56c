import Glibc

/// Asks an agent that runs with the same configuration whether it is alive: for images without a shell or curl.
enum HealthProbe {
    /// Seconds. The agent answers in microseconds; an orchestrator gives such a check a few seconds.
    private static let patience = 3

    /// `nil` when the agent answers, or a sentence on why it is not well.
    ///
    /// With TLS it is asked no more than to take the connection: a whole handshake would cost more than the agent does.
    static func complaint(_ configuration: AgentConfiguration) -> String? {
        let settings = configuration.prometheus
        guard settings.isEnabled else { return "serves nothing that could be asked; see --no-prometheus" }
        guard settings.listen.port != 0 else { return "cannot be asked: port 0 is a port nobody knows" }
        let address = reachable(settings.listen)
        let descriptor = socket(address.family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return "cannot be asked: \(String(cString: strerror(errno)))" }
        defer { close(descriptor) }
        var limit = timeval(tv_sec: patience, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        guard address.withSocketAddress({ connect(descriptor, $0, $1) }) == 0 else {
            return "does not answer at \(address): \(String(cString: strerror(errno)))"
        }
        if settings.tls != nil { return nil }
        let request = Array("GET /healthz HTTP/1.1\r\nHost: agent\r\nConnection: close\r\n\r\n".utf8)
        guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            return "does not answer at \(address): \(String(cString: strerror(errno)))"
        }
        var head = [UInt8](repeating: 0, count: 64)
        let count = recv(descriptor, &head, head.count, Int32(MSG_WAITALL))
        guard count > 0, head.starts(with: Array("HTTP/1.1 200 ".utf8)) else {
            return "does not say at \(address) that it is well"
        }
        return nil
    }

    /// An address to connect to for one to listen on: all interfaces include the loopback one.
    static func reachable(_ listen: ListenAddress) -> ListenAddress {
        switch listen.host {
        case .v4(0, 0, 0, 0): ListenAddress(host: .v4(127, 0, 0, 1), port: listen.port)
        case .v6(let bytes) where bytes.allSatisfy { $0 == 0 }:
            ListenAddress(host: .v6([UInt8](repeating: 0, count: 15) + [1]), port: listen.port)
        default: listen
        }
    }
}
