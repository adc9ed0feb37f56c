import CEpoll
import Glibc
import Telemetry

/// A small HTTP/1.1 server in an event loop: `GET /metrics`, `GET /healthz`, nothing else.
///
/// Bounded on every side: so many clients, so many bytes of a request, so many seconds for each client, so many bytes
/// that wait for clients which do not take them.
final class MetricsServer: EventHandler, Timed {
    struct Limits {
        /// More clients wait in the kernel's queue.
        var connections = 1024
        /// For sending a request, and again for taking the answer. Prometheus gives up after ten.
        var clientSeconds = 10.0
        /// Between two requests. Longer than Prometheus keeps an idle connection (five minutes), so that it is the one
        /// to close: a request could cross our closing.
        var idleSeconds = 330.0
        /// Of answers that clients have not taken, together.
        var pendingBytes = 64 << 20
    }

    struct CannotListen: Error, Hashable, CustomStringConvertible {
        var address: ListenAddress
        var code: Int32

        var description: String {
            let remedy =
                switch code {
                case EADDRINUSE: "; another program has the port, choose one with --listen"
                case EACCES: "; ports below 1024 need the capability CAP_NET_BIND_SERVICE"
                case EADDRNOTAVAIL: "; no interface of this machine has the address"
                default: ""
                }
            return "cannot listen on \(address): \(String(cString: strerror(code)))\(remedy)"
        }
    }

    /// Where the server listens, with the port the kernel chose where 0 was asked for.
    let address: ListenAddress
    let limits: Limits
    /// What clients must show; `nil` lets everyone read.
    var token: AccessToken?
    /// `nil` speaks plain HTTP. New connections get a new context.
    var tls: TLSContext?

    private let loop: EventLoop
    /// New ones take effect with the next request.
    var pages: any PageSource
    private let listener: Int32
    /// By descriptor.
    private var connections: [HTTPConnection?] = []
    private var connectionCount = 0
    private var isAccepting = true
    private var pendingBytes = 0
    /// An answer is put together here.
    private var outgoing = ByteBuffer(capacity: 16 << 10)
    private(set) var dueNanoseconds = Int64.max
    /// Requests of one batch were all there before the first of them got its page.
    private var batch = 0
    private var batchTurn = -1

    /// Starts listening; clients are served once `loop` runs.
    init(
        loop: EventLoop, listen: ListenAddress, limits: Limits = Limits(), pages: any PageSource
    ) throws(CannotListen) {
        self.loop = loop
        self.limits = limits
        self.pages = pages
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(listen.family, kind, 0)
        guard descriptor >= 0 else { throw CannotListen(address: listen, code: errno) }
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        let isBound = listen.withSocketAddress { bind(descriptor, $0, $1) } == 0
        guard isBound, Glibc.listen(descriptor, 1024) == 0 else {
            let code = errno
            close(descriptor)
            throw CannotListen(address: listen, code: code)
        }
        listener = descriptor
        address = ListenAddress(host: listen.host, port: Self.port(of: descriptor) ?? listen.port)
        guard loop.watch(listener, for: .reading, self) else {
            throw CannotListen(address: listen, code: errno)
        }
        loop.add(self)
    }

    deinit { close(listener) }

    /// Closes everything. A scrape that is cut off is taken again.
    func stop() {
        for connection in connections {
            if let connection { remove(connection) }
        }
        loop.forget(listener)
        loop.remove(self)
    }

    // MARK: Answering

    /// Answers on `connection`, at once as far as its socket takes it.
    func answer(_ connection: HTTPConnection, _ request: HTTPRequest, head: UnsafeRawBufferPointer) {
        guard request.method != .other else {
            return answer(connection, .methodNotAllowed, keepsAlive: request.keepsAlive)
        }
        switch request.target {
        case .metrics:
            let shown = head.part(request.authorization)
            if let token, !token.isShown(in: shown) {
                return answer(connection, .unauthorized, request)
            }
            let format = request.accepted.format
            let (bytes, isGzip) = pages.page(as: format, gzip: request.acceptsGzip, batch: currentBatch())
            begin(
                HTTPResponseHead(
                    status: .ok, contentType: format.contentType, contentLength: bytes.count, isGzip: isGzip,
                    isNegotiated: true, keepsAlive: request.keepsAlive))
            if request.method == .get { outgoing.append(bytes) }
            connection.send(outgoing.bytes)
        case .health:
            begin(HTTPResponseHead(status: .ok, contentLength: 3, keepsAlive: request.keepsAlive))
            if request.method == .get { outgoing.append("ok\n" as StaticString) }
            connection.send(outgoing.bytes)
        case .other: answer(connection, .notFound, request)
        }
    }

    private func currentBatch() -> Int {
        if batchTurn != loop.turn { forgetPages() }
        batchTurn = loop.turn
        return batch
    }

    /// The next request gets a page made after now.
    func forgetPages() { batch += 1 }

    /// Answers with a status alone, and ends the connection: where the next request begins, nobody knows.
    func refuse(_ connection: HTTPConnection, _ status: HTTPStatus) {
        answer(connection, status, keepsAlive: false)
    }

    private func answer(_ connection: HTTPConnection, _ status: HTTPStatus, _ request: HTTPRequest) {
        answer(connection, status, keepsAlive: request.keepsAlive, includesBody: request.method != .head)
    }

    private func answer(
        _ connection: HTTPConnection, _ status: HTTPStatus, keepsAlive: Bool, includesBody: Bool = true
    ) {
        begin(
            HTTPResponseHead(
                status: status, contentLength: status.line.utf8CodeUnitCount + 1, keepsAlive: keepsAlive))
        if includesBody {
            outgoing.append(status.line)
            outgoing.append(UInt8(ascii: "\n"))
        }
        connection.send(outgoing.bytes)
    }

    private func begin(_ head: HTTPResponseHead) {
        outgoing.shrink(toCapacity: max(64 << 10, 2 * outgoing.count))
        outgoing.removeAll()
        head.write(to: &outgoing)
    }

    // MARK: Clients

    func ready() {
        while isAccepting && isSomeoneWaiting {
            if connectionCount >= limits.connections && !makeRoom() { return }
            let descriptor = accept4(
                listener, nil, nil, Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue))
            if descriptor >= 0 {
                welcome(descriptor)
                continue
            }
            switch errno {
            case ECONNABORTED, EINTR: continue
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: if !makeRoom() { return }
            default: return
            }
        }
    }

    /// Without descriptors accepting fails whether somebody waits or not, and nobody should go for no one's sake.
    private var isSomeoneWaiting: Bool {
        var entry = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) == 1
    }

    private func welcome(_ descriptor: Int32) {
        var session: TLSSession?
        if let tls {
            session = try? tls.session(over: descriptor)
            if session == nil {
                close(descriptor)
                return
            }
        }
        // An answer is written in one piece; waiting for more to send would only hold back its end.
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        let connection = HTTPConnection(descriptor: descriptor, server: self, tls: session)
        guard loop.watch(descriptor, for: .reading, connection) else {
            close(descriptor)
            return
        }
        while connections.count <= Int(descriptor) { connections.append(nil) }
        connections[Int(descriptor)] = connection
        connectionCount += 1
        connection.ready()  // the request is often there already
    }

    /// Sees to a client that has gone on as far as it could.
    func settle(_ connection: HTTPConnection) {
        pendingBytes += connection.pendingBytes - connection.countedBytes
        connection.countedBytes = connection.pendingBytes
        if connection.phase == .closed || pendingBytes > limits.pendingBytes { return remove(connection) }
        if connection.interest != connection.watchedInterest {
            connection.watchedInterest = connection.interest
            loop.change(connection.descriptor, to: connection.interest)
        }
    }

    private func remove(_ connection: HTTPConnection) {
        pendingBytes -= connection.countedBytes
        loop.forget(connection.descriptor)
        connections[Int(connection.descriptor)] = nil
        connectionCount -= 1
        connection.close()
        accept(again: true)
    }

    /// Lets the client go that has been idle for longest; where none is, the one that has kept everybody waiting for
    /// longest. A thousand clients that say nothing must not keep a scraper out, and one whose request is on its way must
    /// not be taken for one of them.
    ///
    /// - Returns: false when there is neither; then nobody is accepted until somebody leaves, or for a second.
    private func makeRoom() -> Bool {
        let now = monotonicNanoseconds()
        var idle: HTTPConnection?
        var slow: HTTPConnection?
        for connection in connections {
            guard let connection else { continue }
            if connection.phase == .idle {
                if connection.phaseBegan < idle?.phaseBegan ?? .max { idle = connection }
            } else if now - connection.phaseBegan >= Self.graceNanoseconds(in: connection.phase) {
                if connection.phaseBegan < slow?.phaseBegan ?? .max { slow = connection }
            }
        }
        if let leaving = idle ?? slow {
            remove(leaving)
            return true
        }
        accept(again: false)
        sweep(by: now + 1_000_000_000)
        return false
    }

    /// How long a client may be at something when others wait. A request fits in a packet; a large page takes longer.
    private static func graceNanoseconds(in phase: HTTPConnection.Phase) -> Int64 {
        phase == .sending ? 5_000_000_000 : 1_000_000_000
    }

    private func accept(again isAccepting: Bool) {
        guard isAccepting != self.isAccepting else { return }
        self.isAccepting = isAccepting
        loop.change(listener, to: isAccepting ? .reading : .nothing)
    }

    /// Makes sure that ``fire(at:)`` is called by then.
    func sweep(by time: Int64) { dueNanoseconds = min(dueNanoseconds, time) }

    /// Closes the connections whose time is up.
    func fire(at now: Int64) {
        dueNanoseconds = .max
        for connection in connections {
            guard let connection else { continue }
            if connection.deadline <= now { remove(connection) } else { sweep(by: connection.deadline) }
        }
        accept(again: true)
    }

    private static func port(of socket: Int32) -> UInt16? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let code = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &length) }
        }
        guard code == 0 else { return nil }
        // The port is in the same place for either family, right after the family.
        return withUnsafeBytes(of: &storage) { UInt16(bigEndian: $0.loadUnaligned(fromByteOffset: 2, as: UInt16.self)) }
    }
}
