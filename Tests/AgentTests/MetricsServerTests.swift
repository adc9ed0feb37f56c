import Glibc
import Telemetry
import Testing

@testable import Agent

/// A server on its own thread, stopped with the test.
final class RunningServer {
    let address: ListenAddress
    private let stop: WakePipe
    private var thread = pthread_t()

    private final class Work {
        let server: MetricsServer
        let stop: WakePipe

        init(_ server: MetricsServer, _ stop: WakePipe) {
            self.server = server
            self.stop = stop
        }
    }

    init(_ limits: MetricsServer.Limits = .init(), body: String = "x 1\n") throws {
        stop = try #require(WakePipe())
        let loopback = try #require(ListenAddress("127.0.0.1:0"))
        let server = try MetricsServer(listen: loopback, limits: limits) { body }
        address = server.address
        let work = Unmanaged.passRetained(Work(server, stop))
        let code = pthread_create(
            &thread, nil,
            { context in
                if let context {
                    let work = Unmanaged<Work>.fromOpaque(context).takeRetainedValue()
                    work.server.run(until: work.stop)
                }
                return nil
            }, work.toOpaque())
        try #require(code == 0)
    }

    deinit {
        stop.wake()
        pthread_join(thread, nil)
    }
}

/// A client of a test; reads give up after ten seconds, so that no failure hangs.
final class Client {
    private let descriptor: Int32

    init(_ address: ListenAddress) throws {
        descriptor = socket(address.family, Int32(SOCK_STREAM.rawValue), 0)
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let code = address.withSocketAddress { [descriptor] in connect(descriptor, $0, $1) }
        try #require(code == 0)
    }

    deinit { close(descriptor) }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// Everything until the server closes; `nil` when it does not.
    func answer() -> String? {
        var all: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            if count == 0 { return String(decoding: all, as: UTF8.self) }
            if count < 0 { return errno == ECONNRESET ? String(decoding: all, as: UTF8.self) : nil }
            all += chunk[..<count]
        }
    }
}

@Suite struct MetricsServerTests {
    @Test(
        "Each request gets its answer",
        arguments: [
            ("GET /metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\n", "\r\n\r\nx 1\n"),
            ("HEAD /metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\n", "Connection: close\r\n\r\n"),
            ("GET /healthz HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\n", "\r\n\r\nok\n"),
            ("GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 404 Not Found\r\n", "404 Not Found\n"),
            ("POST /metrics HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", "HTTP/1.1 405 ", "405 Method Not Allowed\n"),
            ("nonsense\r\n\r\n", "HTTP/1.1 400 ", "400 Bad Request\n"),
        ])
    func answers(request: String, start: String, end: String) throws {
        let server = try RunningServer()
        #expect(server.address.port != 0)
        let client = try Client(server.address)
        client.send(request)
        let answer = try #require(client.answer())
        #expect(answer.hasPrefix(start))
        #expect(answer.hasSuffix(end))
    }

    @Test("A request may come in pieces, and a page may be larger than a socket's buffer")
    func pieces() throws {
        let body = String(repeating: "inframind_x 1\n", count: 500_000)
        let server = try RunningServer(body: body)
        let client = try Client(server.address)
        for piece in ["GET /met", "rics HT", "TP/1.1\r\nHos", "t: a\r\n\r", "\n"] { client.send(piece) }
        let answer = try #require(client.answer())
        #expect(answer.hasSuffix("\r\n\r\n" + body))
    }

    @Test("A request without an end is refused at 8 KiB")
    func oversize() throws {
        let server = try RunningServer()
        let client = try Client(server.address)
        client.send("GET /metrics HTTP/1.1\r\nA: " + String(repeating: "x", count: 20_000))
        #expect(try #require(client.answer()).hasPrefix("HTTP/1.1 431 "))
    }

    @Test("A client that says nothing is dropped, others are served meanwhile")
    func slow() throws {
        let server = try RunningServer(.init(connections: 64, clientSeconds: 0.3))
        let silent = try Client(server.address)
        let halting = try Client(server.address)
        halting.send("GET /metr")
        let quick = try Client(server.address)
        quick.send("GET /healthz HTTP/1.1\r\n\r\n")
        #expect(quick.answer()?.hasSuffix("ok\n") == true)
        #expect(silent.answer() == "")
        #expect(halting.answer() == "")
    }

    @Test("Clients beyond the limit wait until there is room")
    func full() throws {
        let server = try RunningServer(.init(connections: 2, clientSeconds: 0.3))
        let silent = [try Client(server.address), try Client(server.address)]
        let waiting = try Client(server.address)
        waiting.send("GET /healthz HTTP/1.1\r\n\r\n")
        #expect(waiting.answer()?.hasSuffix("ok\n") == true)
        for client in silent { #expect(client.answer() == "") }
    }

    @Test("A client that goes away in the middle does no harm")
    func gone() throws {
        let server = try RunningServer(body: String(repeating: "x", count: 4 << 20))
        do {
            let client = try Client(server.address)
            client.send("GET /metrics HTTP/1.1\r\n\r\n")
        }
        let client = try Client(server.address)
        client.send("GET /healthz HTTP/1.1\r\n\r\n")
        #expect(client.answer()?.hasSuffix("ok\n") == true)
    }

    @Test("IPv6 works as well, where there is any")
    func ipv6() throws {
        guard let address = ListenAddress("[::1]:0"),
            let server = try? MetricsServer(listen: address, metrics: { "" })
        else { return }
        #expect(server.address.port != 0)
        #expect(server.address.description.hasPrefix("[::1]:"))
    }

    @Test("An address in use is an error that names it")
    func inUse() throws {
        let server = try RunningServer()
        let error = #expect(throws: MetricsServer.CannotListen.self) {
            try MetricsServer(listen: server.address) { "" }
        }
        #expect(error?.description == "cannot listen on \(server.address): Address already in use")
        #expect(InframindAgent.run(["--listen", server.address.description]) == 1)
    }
}
