import Glibc
import Telemetry

/// What came of trying to move bytes through a socket that does not wait.
enum Transfer: Hashable, Sendable {
    case done(Int)
    /// Nothing, until the socket is ready for this.
    case wait(EventLoop.Interest)
    /// The other side has left, or the connection is broken.
    case ended

    /// Writes some of `bytes`, encrypted when there is a session.
    static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, _ tls: TLSSession?) -> Transfer {
        if let tls { return tls.write(bytes) }
        while true {
            let count = send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            if count < 0 && errno == EINTR { continue }
            if count < 0 && errno == EAGAIN { return .wait(.writing) }
            return count > 0 ? .done(count) : .ended
        }
    }
}

extension ByteBuffer {
    /// Reads up to `room` bytes behind the others, decrypted when there is a session.
    mutating func append(reading room: Int, from descriptor: Int32, _ tls: TLSSession?) -> Transfer {
        var transfer = Transfer.ended
        _ = append(upTo: room) { free in
            if let tls {
                transfer = tls.read(into: free)
            } else {
                var count = recv(descriptor, free.baseAddress, free.count, 0)
                while count < 0 && errno == EINTR { count = recv(descriptor, free.baseAddress, free.count, 0) }
                transfer = count > 0 ? .done(count) : count < 0 && errno == EAGAIN ? .wait(.reading) : .ended
            }
            if case .done(let count) = transfer { return count }
            return 0
        }
        return transfer
    }
}
