import Glibc

/// A descriptor to wait for, and what for.
struct DescriptorInterest: Hashable, Sendable {
    var descriptor: Int32
    var isForWriting: Bool
}

/// What came of moving bytes through a connection that does not wait.
enum ChannelProgress: Hashable, Sendable {
    /// So many bytes; 0 when reading is the end of what the other side sends, and for a step without bytes success.
    case done(Int)
    /// Nothing, until the descriptor can be read, or written.
    case wait(forWriting: Bool)
    /// It is broken; why.
    case failed(String)
}

/// A connection an exchange runs over: plain, or encrypted. No call of it waits.
protocol HTTPChannel: AnyObject {
    /// For `poll`.
    var descriptor: Int32 { get }
    /// Goes on until bytes can flow: connecting, and agreeing on keys. `done` once that is so.
    func open() -> ChannelProgress
    func write(_ bytes: UnsafeRawBufferPointer) -> ChannelProgress
    func read(into bytes: UnsafeMutableRawBufferPointer) -> ChannelProgress
}

/// A TCP connection without encryption; closed with this object.
final class SocketChannel: HTTPChannel {
    let descriptor: Int32
    private var isOpen = false

    /// Begins to connect.
    ///
    /// - Throws: ``Failed`` when even that cannot be.
    init(_ address: SocketAddress) throws(Failed) {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        descriptor = socket(address.family, kind, 0)
        guard descriptor >= 0 else { throw Failed(reason: Self.text(errno)) }
        let code = address.bytes.withUnsafeBytes {
            connect(descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
        }
        isOpen = code == 0
        // Nothing is closed here: an object that is whole when its `init` throws is taken apart by `deinit`. Closed twice, the
        // number might be another thread's file by then.
        guard code == 0 || errno == EINPROGRESS else { throw Failed(reason: Self.text(errno)) }
    }

    struct Failed: Error, Hashable {
        var reason: String
    }

    deinit { close(descriptor) }

    func open() -> ChannelProgress {
        if isOpen { return .done(0) }
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard poll(&entry, 1, 0) > 0 else { return .wait(forWriting: true) }
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
        guard code == 0 else { return .failed(Self.text(code)) }
        isOpen = true
        return .done(0)
    }

    func write(_ bytes: UnsafeRawBufferPointer) -> ChannelProgress {
        while true {
            let count = send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            if count >= 0 { return .done(count) }
            if errno == EINTR { continue }
            return errno == EAGAIN ? .wait(forWriting: true) : .failed(Self.text(errno))
        }
    }

    func read(into bytes: UnsafeMutableRawBufferPointer) -> ChannelProgress {
        while true {
            let count = recv(descriptor, bytes.baseAddress, bytes.count, 0)
            if count >= 0 { return .done(count) }
            if errno == EINTR { continue }
            return errno == EAGAIN ? .wait(forWriting: false) : .failed(Self.text(errno))
        }
    }

    private static func text(_ code: Int32) -> String { String(cString: strerror(code)) }
}

/// An address and a port as the socket interface has it.
struct SocketAddress: Hashable, Sendable {
    var family: Int32
    /// A `sockaddr_in` or `sockaddr_in6`.
    var bytes: [UInt8]
}
