import Glibc
import Telemetry

/// One client, from its first request to its leaving.
///
/// Several requests may follow each other, and need not wait for the answers. After the last answer the write side is
/// closed and what the client still sends is thrown away until it closes too: closing with unread bytes would reset the
/// connection and could take the answer along.
final class HTTPConnection: EventHandler {
    enum Phase: Hashable {
        /// Agreeing on keys.
        case handshaking
        /// Waiting for the first byte of another request.
        case idle
        case receiving
        case sending
        case draining
        case closed
    }

    let descriptor: Int32
    private(set) var phase: Phase {
        didSet { if phase != oldValue { setDeadline() } }
    }
    /// What the event loop should wait for.
    private(set) var interest = EventLoop.Interest.reading
    /// When the client is given up on, whatever it is at.
    private(set) var deadline: Int64 = .max
    /// Since when it has been at what it is at.
    private(set) var phaseBegan: Int64 = 0
    /// What the loop waits for, and which pending bytes are counted: the server's notes.
    var watchedInterest = EventLoop.Interest.reading
    var countedBytes = 0
    private let tls: TLSSession?
    private unowned let server: MetricsServer
    private var input = ByteBuffer(capacity: 1024)
    /// What the socket would not take at once.
    private var output = ByteBuffer(capacity: 64)
    private var sent = 0
    private var closesAfterAnswer = false
    private var drained = 0

    /// What is thrown away of a client that will not stop; a loop over an endless sender would starve the others.
    private static let drainLimitBytes = 64 << 10
    /// How often is read in one turn, for the same reason.
    private static let readsPerTurn = 8

    init(descriptor: Int32, server: MetricsServer, tls: TLSSession?) {
        self.descriptor = descriptor
        self.server = server
        self.tls = tls
        phase = tls == nil ? .receiving : .handshaking
        setDeadline()
    }

    /// Bytes of answers that wait here.
    var pendingBytes: Int { output.count - sent }

    func ready() {
        advance()
        server.settle(self)
    }

    /// Goes on as far as the socket lets it without waiting.
    func advance() {
        interest = .reading
        if phase == .handshaking { shakeHands() }
        if phase == .sending { send() }
        if phase == .idle || phase == .receiving { receive() }
        if phase == .draining { drain() }
    }

    func close() {
        phase = .closed
        tls?.close()
        Glibc.close(descriptor)
    }

    private func shakeHands() {
        guard let tls else { return }
        switch tls.shakeHands() {
        case .done: phase = .receiving
        case .wait(let direction): interest = direction
        case .ended: phase = .closed
        }
    }

    private func setDeadline() {
        let limits = server.limits
        let seconds = phase == .idle ? limits.idleSeconds : limits.clientSeconds
        phaseBegan = monotonicNanoseconds()
        deadline = phaseBegan + Int64(seconds * 1e9)
        server.sweep(by: deadline)
    }

    private func receive() {
        for round in 0..<Self.readsPerTurn {
            if input.count > 0, !answerNext() { return }
            switch input.append(reading: 2048, from: descriptor, tls) {
            case .done:
                phase = .receiving
                // Who has an answer and asks again wants another reading.
                if round > 0 { server.forgetPages() }
            case .wait(let direction):
                interest = direction
                return
            case .ended:
                phase = .closed
                return
            }
        }
        if input.count > 0 { _ = answerNext() }
    }

    /// Answers the requests that have arrived.
    ///
    /// - Returns: false when nothing more is to be received now.
    private func answerNext() -> Bool {
        while true {
            switch HTTPRequest.judge(input.bytes) {
            case .incomplete: return true
            case .refused(let status):
                closesAfterAnswer = true
                server.refuse(self, status)
            case .complete(let request):
                closesAfterAnswer = !request.keepsAlive
                server.answer(self, request, head: input.bytes)
                input.removeFirst(request.lengthBytes)
            }
            // Not sent whole yet, or the last one.
            guard phase == .idle else { return false }
            if input.count == 0 { return true }
            phase = .receiving
        }
    }

    /// Sends an answer; what the socket does not take is kept. `bytes` are the caller's again afterwards.
    func send(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes
        while !rest.isEmpty {
            switch Transfer.write(rest, to: descriptor, tls) {
            case .done(let count): rest = rest.part(from: count)
            case .wait(let direction):
                output.append(rest)
                sent = 0
                phase = .sending
                interest = direction == .reading && tls == nil ? .writing : direction
                return
            case .ended:
                phase = .closed
                return
            }
        }
        finishAnswer()
    }

    private func send() {
        while sent < output.count {
            let rest = output.bytes.part(from: sent)
            switch Transfer.write(rest, to: descriptor, tls) {
            case .done(let count): sent += count
            case .wait(let direction):
                interest = direction
                return
            case .ended:
                phase = .closed
                return
            }
        }
        output.removeAll()
        output.shrink(toCapacity: 0)
        sent = 0
        finishAnswer()
    }

    private func finishAnswer() {
        guard closesAfterAnswer else {
            phase = .idle
            setDeadline()
            return
        }
        tls?.close()
        shutdown(descriptor, Int32(SHUT_WR))
        phase = .draining
    }

    private func drain() {
        input.removeAll()
        while drained < Self.drainLimitBytes {
            let count = input.append(upTo: 2048) { recv(descriptor, $0.baseAddress, $0.count, 0) }
            input.removeAll()
            if count < 0 && errno == EINTR { continue }
            if count < 0 && errno == EAGAIN { return }
            guard count > 0 else { break }
            drained += count
        }
        phase = .closed
    }
}
