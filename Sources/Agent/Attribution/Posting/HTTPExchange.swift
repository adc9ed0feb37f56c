import Glibc

/// One request and its answer over a connection of its own, driven from outside: ``advance(at:)`` goes as far as it can
/// without waiting, ``interest`` says what to wait for, ``deadlineSeconds`` when to give up.
final class HTTPExchange {
    enum Outcome {
        case answer(HTTPAnswer)
        /// There was none; why.
        case failed(String)
    }

    /// Makes a connection to an address; encrypted ones know the host they expect.
    typealias Connector = (SocketAddress, _ host: String) throws(SocketChannel.Failed) -> any HTTPChannel

    /// Connects without encryption.
    static func plain(_ address: SocketAddress, host _: String) throws(SocketChannel.Failed) -> any HTTPChannel {
        try SocketChannel(address)
    }

    private enum Phase {
        case lookingUp(NameLookup)
        case opening(any HTTPChannel)
        case sending(any HTTPChannel)
        case receiving(any HTTPChannel)
        case over(Outcome)
    }

    let deadlineSeconds: Double
    private let server: ServerAddress
    private let connect: Connector
    private let request: [UInt8]
    private var sent = 0
    private var answer: HTTPAnswer
    private var addresses: [SocketAddress] = []
    private var lastReason = "no addresses"
    private var phase: Phase
    private var isWaitingForWriting = true

    /// - Parameters:
    ///   - request: the whole request, head and body.
    ///   - deadlineSeconds: on the monotonic clock.
    init(
        _ server: ServerAddress, request: [UInt8], bodyLimitBytes: Int, deadlineSeconds: Double,
        connect: @escaping Connector
    ) {
        self.server = server
        self.request = request
        self.deadlineSeconds = deadlineSeconds
        self.connect = connect
        answer = HTTPAnswer(bodyLimitBytes: bodyLimitBytes)
        if let lookup = NameLookup(host: server.host, port: server.port) {
            phase = .lookingUp(lookup)
        } else {
            phase = .over(.failed("out of file descriptors or threads"))
        }
    }

    /// A request with a body of JSON, or without one.
    static func request(
        _ method: String, _ path: String, to server: ServerAddress, fields: [(String, String)] = [],
        body: [UInt8]? = nil
    ) -> [UInt8] {
        var head = "\(method) \(server.prefix)\(path) HTTP/1.1\r\nHost: \(server.authority)\r\nConnection: close\r\n"
        head += "User-Agent: inframind-agent\r\nAccept: application/json\r\n"
        for (name, value) in fields { head += "\(name): \(value)\r\n" }
        if let body { head += "Content-Type: application/json\r\nContent-Length: \(body.count)\r\n" }
        return Array((head + "\r\n").utf8) + (body ?? [])
    }

    /// `nil` when it is over.
    var interest: DescriptorInterest? {
        switch phase {
        case .lookingUp(let lookup): DescriptorInterest(descriptor: lookup.wakePipe.readDescriptor, isForWriting: false)
        case .opening(let channel), .sending(let channel), .receiving(let channel):
            DescriptorInterest(descriptor: channel.descriptor, isForWriting: isWaitingForWriting)
        case .over: nil
        }
    }

    /// Goes on.
    ///
    /// - Parameter now: on the monotonic clock.
    /// - Returns: `nil` while it is not over.
    func advance(at now: Double) -> Outcome? {
        while step() {}
        if case .over(let outcome) = phase { return outcome }
        guard now < deadlineSeconds else { return end(.failed("no answer in time")) }
        return nil
    }

    /// - Returns: true when there is more to do without waiting.
    private func step() -> Bool {
        switch phase {
        case .lookingUp(let lookup):
            switch lookup.result {
            case nil: return false
            case .failed(let reason): _ = end(.failed("\(server.host): \(reason)"))
            case .addresses(let found):
                addresses = found
                connectNext()
            }
            return true
        case .opening(let channel):
            return take(channel.open(), orElse: connectNext) { _ in phase = .sending(channel) }
        case .sending(let channel):
            let progress = request[sent...].withUnsafeBytes(channel.write)
            return take(progress, orElse: nil) { count in
                sent += count
                if sent == request.count { phase = .receiving(channel) }
            }
        case .receiving(let channel): return receive(channel)
        case .over: return false
        }
    }

    private func receive(_ channel: any HTTPChannel) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: 16 << 10, alignment: 1) { buffer in
            take(channel.read(into: buffer), orElse: nil) { count in
                if count == 0 { answer.end() } else { answer.append(buffer[..<count]) }
                switch answer.state {
                case .incomplete: break
                case .complete: _ = end(.answer(answer))
                case .broken(let reason): _ = end(.failed(reason))
                }
            }
        }
    }

    private func take(_ progress: ChannelProgress, orElse next: (() -> Void)?, _ done: (Int) -> Void) -> Bool {
        switch progress {
        case .done(let count):
            done(count)
            return true
        case .wait(let forWriting):
            isWaitingForWriting = forWriting
            return false
        case .failed(let reason):
            lastReason = reason
            if let next { next() } else { _ = end(.failed(reason)) }
            return true
        }
    }

    private func connectNext() {
        while let address = addresses.first {
            addresses.removeFirst()
            do throws(SocketChannel.Failed) {
                phase = .opening(try connect(address, server.host))
                isWaitingForWriting = true
                return
            } catch {
                lastReason = error.reason
            }
        }
        _ = end(.failed(lastReason))
    }

    private func end(_ outcome: Outcome) -> Outcome {
        phase = .over(outcome)  // closes the connection
        return outcome
    }
}
