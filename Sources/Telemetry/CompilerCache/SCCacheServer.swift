import Glibc

/// An sccache server on this machine, asked for its statistics the way `sccache --show-stats` does.
///
/// Asking keeps the server from ending itself for want of work (`SCCACHE_IDLE_TIMEOUT`) as a compilation would, so it
/// is asked seldom.
public struct SCCacheServer: Hashable, Sendable {
    /// Where sccache listens unless `SCCACHE_SERVER_PORT` says otherwise.
    public static let defaultPort: UInt16 = 4226

    /// On the loopback: sccache listens nowhere else.
    public var port: UInt16
    /// For the whole exchange.
    public var timeoutSeconds: Double

    public init(port: UInt16 = Self.defaultPort, timeoutSeconds: Double = 1) {
        self.port = port
        self.timeoutSeconds = timeoutSeconds
    }

    /// Why there is nothing.
    public enum Failure: Error, Hashable, Sendable {
        /// Nobody listens there.
        case notRunning
        /// A system call failed with this `errno`.
        case unreachable(Int32)
        case timedOut
        /// It speaks, but nothing that is known: another program, or an sccache newer than this reader.
        case unknownAnswer
    }

    /// An answer holds a few counters for each language, and reasons not to cache.
    private static let limitBytes = 1 << 20

    /// Connects, asks, reads one answer, hangs up.
    public func statistics() throws(Failure) -> SCCacheStatistics {
        let descriptor = socket(
            AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { throw .unreachable(errno) }
        defer { close(descriptor) }
        let deadline = monotonicSeconds() + timeoutSeconds
        try connect(descriptor, until: deadline)
        // Four bytes of length, most significant first, and the number of the request in bincode.
        let request: [UInt8] = [0, 0, 0, 4, 1, 0, 0, 0]
        // Eight bytes always fit into the buffer of a new connection.
        guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            throw .unreachable(errno)
        }
        let head = try receive(4, descriptor, until: deadline)
        let length = head.reduce(0) { $0 << 8 | Int($1) }
        guard (4...Self.limitBytes).contains(length) else { throw .unknownAnswer }
        let answer = try receive(length, descriptor, until: deadline)
        guard let statistics = SCCacheStatistics(serverResponse: answer) else { throw .unknownAnswer }
        return statistics
    }

    private func connect(_ descriptor: Int32, until deadline: Double) throws(Failure) {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if result == 0 { return }
        guard errno == EINPROGRESS else { throw errno == ECONNREFUSED ? .notRunning : .unreachable(errno) }
        try wait(for: Int16(POLLOUT), descriptor, until: deadline)
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
        guard code == 0 else { throw code == ECONNREFUSED ? .notRunning : .unreachable(code) }
    }

    private func receive(
        _ count: Int, _ descriptor: Int32, until deadline: Double
    ) throws(Failure) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let received = bytes.withUnsafeMutableBytes {
                recv(descriptor, $0.baseAddress! + filled, count - filled, 0)
            }
            if received > 0 {
                filled += received
            } else if received == 0 {
                throw .unknownAnswer
            } else if errno == EAGAIN {
                try wait(for: Int16(POLLIN), descriptor, until: deadline)
            } else if errno != EINTR {
                throw .unreachable(errno)
            }
        }
        return bytes
    }

    private func wait(for events: Int16, _ descriptor: Int32, until deadline: Double) throws(Failure) {
        while true {
            let left = deadline - monotonicSeconds()
            guard left > 0 else { throw .timedOut }
            var entry = pollfd(fd: descriptor, events: events, revents: 0)
            if poll(&entry, 1, Int32((min(left, 60) * 1000).rounded(.up))) > 0 { return }
        }
    }
}
