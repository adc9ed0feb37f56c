import Glibc

/// A TCP socket that waits no longer than it is told to. Closed when nobody holds it any more.
final class TrainWorkerSocket: Sendable {
    /// What can happen to a connection.
    enum Failure: Error {
        case closed, timedOut, notAWorker
    }

    let descriptor: Int32

    init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    convenience init() throws(TrainWorkerError) {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_INET, type, 0)
        guard descriptor >= 0 else { throw .system("no socket: \(String(cString: strerror(errno)))") }
        self.init(descriptor: descriptor)
    }

    func set(_ option: Int32, level: Int32 = SOL_SOCKET, to value: Int32) {
        var value = value
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// A machine that loses power says no goodbye: after 10 s of silence it is asked, and given up after four more
    /// questions 5 s apart.
    func watchForDeadPeer() {
        set(SO_KEEPALIVE, to: 1)
        set(Int32(TCP_KEEPIDLE), level: Int32(IPPROTO_TCP), to: 10)
        set(Int32(TCP_KEEPINTVL), level: Int32(IPPROTO_TCP), to: 5)
        set(Int32(TCP_KEEPCNT), level: Int32(IPPROTO_TCP), to: 4)
        set(Int32(TCP_NODELAY), level: Int32(IPPROTO_TCP), to: 1)
    }

    /// - Returns: whether something can be done before the deadline; a broken connection counts, the call then says so.
    func wait(for events: Int32, until deadline: ContinuousClock.Instant) -> Bool {
        while true {
            var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
            let ready = poll(&entry, 1, deadline.millisecondsLeft)
            if ready > 0 { return true }
            if ready == 0 || errno != EINTR { return false }
        }
    }

    func send(_ message: TrainWorkerMessage, until deadline: ContinuousClock.Instant) throws(Failure) {
        var rest = message.encoded[...]
        while !rest.isEmpty {
            guard wait(for: Int32(POLLOUT), until: deadline) else { throw .timedOut }
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0 && (errno == EAGAIN || errno == EINTR) { continue }
            guard count > 0 else { throw .closed }
            rest = rest.dropFirst(count)
        }
    }

    func receive(until deadline: ContinuousClock.Instant) throws(Failure) -> TrainWorkerMessage {
        let header = try receive(TrainWorkerMessage.headerSize, until: deadline)
        guard let (kind, length) = TrainWorkerMessage.header(header[...]) else { throw .notAWorker }
        return TrainWorkerMessage(kind: kind, body: try receive(length, until: deadline))
    }

    private func receive(_ count: Int, until deadline: ContinuousClock.Instant) throws(Failure) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            guard wait(for: Int32(POLLIN), until: deadline) else { throw .timedOut }
            let received = bytes.withUnsafeMutableBytes {
                recv(descriptor, $0.baseAddress! + filled, count - filled, 0)
            }
            if received < 0 && (errno == EAGAIN || errno == EINTR) { continue }
            guard received > 0 else { throw .closed }
            filled += received
        }
        return bytes
    }

    /// The first byte that waits to be read, which stays there; `nil` for none.
    func peek() throws(Failure) -> UInt8? {
        var byte: UInt8 = 0
        let count = recv(descriptor, &byte, 1, Int32(MSG_PEEK))
        if count < 0 && (errno == EAGAIN || errno == EINTR) { return nil }
        guard count > 0 else { throw .closed }
        return byte
    }

    /// Says that nothing more follows, and lets the other end read what was said: closing at once with something unread
    /// here would make its system throw that away.
    func partWays(until deadline: ContinuousClock.Instant) {
        shutdown(descriptor, Int32(SHUT_WR))
        var scratch = [UInt8](repeating: 0, count: 4096)
        while wait(for: Int32(POLLIN), until: deadline), recv(descriptor, &scratch, scratch.count, 0) > 0 {}
    }
}

extension ContinuousClock.Instant {
    /// For `poll`; 0 when it has passed.
    var millisecondsLeft: Int32 {
        let left = ContinuousClock.now.duration(to: self)
        return Int32((left / .milliseconds(1)).clamped(to: 0...1e9).rounded(.up))
    }
}
