import Glibc

/// One client, from its request to the end of the answer.
///
/// Every connection carries one request. After the answer the write side is closed and what the client still sends is
/// thrown away until it closes too: closing with unread bytes would reset the connection and could take the answer
/// along.
struct Connection {
    enum Phase: Hashable {
        case receiving
        case sending
        case draining
        case closed
    }

    let descriptor: Int32
    /// When the client is given up on, whatever it is at.
    let deadline: Double
    private(set) var phase = Phase.receiving
    private var received: [UInt8] = []
    private var outgoing: [UInt8] = []
    private var sent = 0
    private var drained = 0

    /// What is thrown away of a client that will not stop; a loop over an endless sender would starve the others.
    private static let drainLimitBytes = 64 << 10

    init(descriptor: Int32, deadline: Double) {
        self.descriptor = descriptor
        self.deadline = deadline
    }

    /// What `poll` should wait for.
    var interest: Int16 { Int16(phase == .sending ? POLLOUT : POLLIN) }

    /// Goes on as far as the socket lets it without waiting.
    ///
    /// - Parameter answer: makes the answer to a request.
    mutating func advance(_ answer: (HTTPRequest) -> HTTPResponse) {
        if phase == .receiving { receive(answer) }
        if phase == .sending { send() }
        if phase == .draining { drain() }
    }

    private mutating func receive(_ answer: (HTTPRequest) -> HTTPResponse) {
        var chunk = [UInt8](repeating: 0, count: 2048)
        while true {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            if count < 0 && errno == EINTR { continue }
            if count < 0 && errno == EAGAIN { return }
            guard count > 0 else {
                phase = .closed
                return
            }
            received += chunk[..<count]
            switch HTTPRequest.judge(received) {
            case .incomplete: continue
            case .complete(let request): outgoing = answer(request).bytes(includesBody: request.method != "HEAD")
            case .refused(let status): outgoing = HTTPResponse(status).bytes()
            }
            phase = .sending
            return
        }
    }

    private mutating func send() {
        while sent < outgoing.count {
            let count = outgoing[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0 && errno == EINTR { continue }
            if count < 0 && errno == EAGAIN { return }
            guard count > 0 else {
                phase = .closed
                return
            }
            sent += count
        }
        shutdown(descriptor, Int32(SHUT_WR))
        phase = .draining
    }

    private mutating func drain() {
        var chunk = [UInt8](repeating: 0, count: 2048)
        while drained < Self.drainLimitBytes {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            if count < 0 && errno == EINTR { continue }
            if count < 0 && errno == EAGAIN { return }
            guard count > 0 else { break }
            drained += count
        }
        phase = .closed
    }
}
