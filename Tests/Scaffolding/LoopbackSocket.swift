import Glibc

/// A TCP socket on 127.0.0.1 whose calls block, each for a limited time.
///
/// Plain system calls: a library that repeats a request on a connection of its own would hide what is counted here.
public final class LoopbackSocket: Sendable {
    public let file: Int32

    public enum Failure: Error, Hashable, Sendable {
        /// Nobody listens.
        case refused
        /// The other side went away.
        case closed
        case timeout
    }

    private init(file: Int32) { self.file = file }

    deinit { close(file) }

    /// - Throws: ``Failure``.
    public init(connectingTo port: UInt16, timeoutSeconds: Int = 10) throws(Failure) {
        file = Self.open()
        Self.limit(file, seconds: timeoutSeconds)
        let isConnected = Self.withAddress(port) { connect(file, $0, $1) == 0 }
        // A connection to itself: with nobody listening, the kernel may choose this very port for our end.
        // `deinit` closes what is thrown away here. Closed twice, the number might be another thread's by then.
        guard isConnected, Self.localPort(of: file) != port else { throw .refused }
    }

    /// - Parameter port: 0 takes a free one.
    /// - Throws: ``Failure/refused`` when the port is taken.
    public init(listeningOn port: UInt16) throws(Failure) {
        file = Self.open()
        var yes: Int32 = 1
        setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard Self.withAddress(port, { bind(file, $0, $1) == 0 }), listen(file, 128) == 0 else { throw .refused }
    }

    public var port: UInt16 { Self.localPort(of: file) }

    /// A port nobody listens on, below those the kernel gives to outgoing connections: it stays free while a server
    /// restarts.
    public static func freePort() throws(Failure) -> UInt16 {
        for _ in 0..<100 {
            let port = UInt16.random(in: 20_000..<32_000)
            if (try? LoopbackSocket(listeningOn: port)) != nil { return port }
        }
        throw .refused
    }

    /// - Throws: ``Failure/closed`` when the listener was shut down.
    public func accepted(timeoutSeconds: Int) throws(Failure) -> LoopbackSocket {
        let accepted = accept(file, nil, nil)
        guard accepted >= 0 else { throw .closed }
        _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
        Self.limit(accepted, seconds: timeoutSeconds)
        return LoopbackSocket(file: accepted)
    }

    /// Whether the other side has ended a connection on which nothing was expected.
    public var isEnded: Bool {
        var byte: UInt8 = 0
        let count = recv(file, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT))
        return count == 0 || (count < 0 && errno != EAGAIN)
    }

    /// Ends both directions; whoever waits in a call returns.
    public func shutDown() { shutdown(file, Int32(SHUT_RDWR)) }

    public func send(_ bytes: some Sequence<UInt8>) throws(Failure) {
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(file, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw errno == EAGAIN ? .timeout : .closed }
            rest = rest.dropFirst(count)
        }
    }

    /// What arrived next; at least one byte.
    public func receive() throws(Failure) -> [UInt8] {
        while true {
            var buffer = [UInt8](repeating: 0, count: 16_384)
            let count = recv(file, &buffer, buffer.count, 0)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw count < 0 && errno == EAGAIN ? .timeout : .closed }
            return Array(buffer[..<count])
        }
    }

    private static func open() -> Int32 {
        let file = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var yes: Int32 = 1
        setsockopt(file, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        return file
    }

    private static func limit(_ file: Int32, seconds: Int) {
        var limit = timeval(tv_sec: seconds, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(file, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    private static func withAddress<T>(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> T) -> T {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }

    private static func localPort(of file: Int32) -> UInt16 {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(file, $0, &length) }
        }
        return UInt16(bigEndian: address.sin_port)
    }
}
