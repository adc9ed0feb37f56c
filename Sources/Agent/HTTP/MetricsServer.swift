import Glibc
import Telemetry

/// A small HTTP/1.1 server on one thread: `GET /metrics`, `GET /healthz`, nothing else.
///
/// Bounded on every side: so many clients, so many bytes of a request, so many seconds for each client.
final class MetricsServer {
    struct Limits {
        /// A handful of scrapers is usual. More clients wait in the kernel's queue.
        var connections = 64
        /// From accepting a client to its closing. Prometheus gives up after ten.
        var clientSeconds = 5.0
    }

    struct CannotListen: Error, Hashable, CustomStringConvertible {
        var address: ListenAddress
        var code: Int32

        var description: String { "cannot listen on \(address): \(String(cString: strerror(code)))" }
    }

    /// Where the server listens, with the port the kernel chose where 0 was asked for.
    let address: ListenAddress
    private let listener: Int32
    private let limits: Limits
    private let metrics: () -> String
    private var connections: [Connection] = []

    /// Starts listening. Clients wait until ``run(until:)``.
    init(listen: ListenAddress, limits: Limits = Limits(), metrics: @escaping () -> String) throws(CannotListen) {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(listen.family, kind, 0)
        guard descriptor >= 0 else { throw CannotListen(address: listen, code: errno) }
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        let isBound = listen.withSocketAddress { bind(descriptor, $0, $1) } == 0
        guard isBound, Glibc.listen(descriptor, 64) == 0 else {
            let code = errno
            close(descriptor)
            throw CannotListen(address: listen, code: code)
        }
        listener = descriptor
        self.limits = limits
        self.metrics = metrics
        address = ListenAddress(host: listen.host, port: Self.port(of: descriptor) ?? listen.port)
    }

    deinit {
        for connection in connections { close(connection.descriptor) }
        close(listener)
    }

    /// Serves until `stop` is woken, then returns at once: a scrape that is cut off is taken again.
    func run(until stop: WakePipe) {
        while true {
            var entries = [pollfd(fd: stop.readDescriptor, events: Int16(POLLIN), revents: 0)]
            let hasRoom = connections.count < limits.connections
            // A negative descriptor is passed over by the kernel.
            entries.append(pollfd(fd: hasRoom ? listener : -1, events: Int16(POLLIN), revents: 0))
            entries += connections.map { pollfd(fd: $0.descriptor, events: $0.interest, revents: 0) }
            poll(&entries, nfds_t(entries.count), timeoutMilliseconds())
            if entries[0].revents != 0 { return }
            for index in connections.indices where entries[index + 2].revents != 0 {
                connections[index].advance(answer)
            }
            closeFinished()
            if entries[1].revents != 0 { accept() }
        }
    }

    func answer(_ request: HTTPRequest) -> HTTPResponse {
        guard request.method == "GET" || request.method == "HEAD" else { return HTTPResponse(.methodNotAllowed) }
        switch request.path {
        case "/metrics":
            return HTTPResponse(.ok, contentType: PrometheusText.contentType, body: metrics())
        case "/healthz":
            return HTTPResponse(.ok, contentType: "text/plain; charset=utf-8", body: "ok\n")
        default:
            return HTTPResponse(.notFound)
        }
    }

    /// Until the first client runs out of time, rounded up so that the wait does not become a spin; -1 without clients.
    private func timeoutMilliseconds() -> Int32 {
        guard let first = connections.map(\.deadline).min() else { return -1 }
        return Int32((max(0, min(first - monotonicSeconds(), 3600)) * 1000).rounded(.up))
    }

    private func closeFinished() {
        let now = monotonicSeconds()
        connections.removeAll { connection in
            guard connection.phase == .closed || connection.deadline <= now else { return false }
            close(connection.descriptor)
            return true
        }
    }

    private func accept() {
        while connections.count < limits.connections {
            let descriptor = Glibc.accept(listener, nil, nil)
            guard descriptor >= 0 else { return }
            // The agent spawns nothing, so two more calls after accepting leak nothing.
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
            var connection = Connection(
                descriptor: descriptor, deadline: monotonicSeconds() + limits.clientSeconds)
            connection.advance(answer)  // the request is often there already
            connections.append(connection)
        }
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
