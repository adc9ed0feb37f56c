import Glibc
import Synchronization
import Telemetry
import Testing

@testable import Agent

/// A page that is always the same, and counts how often it was made.
final class FixedPage: PageSource {
    private let body: [UInt8]
    private let bytes: UnsafeMutableRawBufferPointer
    private var batch = -1
    let renderings = Atomic(0)

    init(_ body: String) {
        self.body = Array(body.utf8)
        bytes = .allocate(byteCount: self.body.count, alignment: 1)
        bytes.copyBytes(from: self.body)
    }

    deinit { bytes.deallocate() }

    func page(
        as format: MetricsWriter.Format, gzip isWanted: Bool, batch: Int
    ) -> (bytes: UnsafeRawBufferPointer, isGzip: Bool) {
        if batch != self.batch { renderings.add(1, ordering: .relaxed) }
        self.batch = batch
        return (UnsafeRawBufferPointer(bytes), false)
    }
}

/// A server on its own thread, stopped with the test.
final class RunningServer {
    let address: ListenAddress
    private let stop: WakePipe
    private var thread = pthread_t()

    /// The thread's own: nothing else touches it once it runs.
    private final class Work: EventHandler {
        let loop: EventLoop
        let server: MetricsServer

        init(_ loop: EventLoop, _ server: MetricsServer, _ stop: WakePipe) {
            self.loop = loop
            self.server = server
            _ = loop.watch(stop.readDescriptor, for: .reading, self)
        }

        func ready() { loop.stop() }
    }

    init(
        _ limits: MetricsServer.Limits = .init(), pages: any PageSource = FixedPage("x 1\n"),
        configure: (MetricsServer) throws -> Void = { _ in }
    ) throws {
        stop = try #require(WakePipe())
        let loopback = try #require(ListenAddress("127.0.0.1:0"))
        let loop = try EventLoop()
        let server = try MetricsServer(loop: loop, listen: loopback, limits: limits, pages: pages)
        try configure(server)
        address = server.address
        let work = Unmanaged.passRetained(Work(loop, server, stop))
        let code = pthread_create(
            &thread, nil,
            { context in
                if let context {
                    let work = Unmanaged<Work>.fromOpaque(context).takeRetainedValue()
                    work.loop.run()
                    work.server.stop()
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
    let descriptor: Int32
    private var pending: [UInt8] = []

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

    /// One answer with the length it states, so that another can follow on the connection; `nil` when none comes.
    func nextAnswer(hasBody: Bool = true) -> String? {
        while true {
            if let end = pending.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound {
                let head = String(decoding: pending[..<end], as: UTF8.self)
                let length = head.firstRange(of: "Content-Length: ").flatMap { range in
                    Int(head[range.upperBound...].prefix { $0.isNumber })
                }
                let total = end + (hasBody ? length ?? 0 : 0)
                if pending.count >= total {
                    defer { pending.removeFirst(total) }
                    return String(decoding: pending[..<total], as: UTF8.self)
                }
            }
            var chunk = [UInt8](repeating: 0, count: 65536)
            let count = recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else { return nil }
            pending += chunk[..<count]
        }
    }

    /// Everything until the server closes; `nil` when it does not.
    func answer() -> String? {
        var all = pending
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
            (
                "HEAD /metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\n",
                "\r\nContent-Length: 4\r\nVary: Accept, Accept-Encoding\r\nConnection: keep-alive\r\n\r\n"
            ),
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
        let answer = try #require(client.nextAnswer(hasBody: !request.hasPrefix("HEAD")))
        #expect(answer.hasPrefix(start))
        #expect(answer.hasSuffix(end))
    }

    @Test("A request may come in pieces, and a page may be larger than a socket's buffer")
    func pieces() throws {
        let body = String(repeating: "inframind_x 1\n", count: 500_000)
        let server = try RunningServer(pages: FixedPage(body))
        let client = try Client(server.address)
        for piece in ["GET /met", "rics HT", "TP/1.1\r\nHos", "t: a\r\n\r", "\n"] { client.send(piece) }
        let answer = try #require(client.nextAnswer())
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
        #expect(quick.nextAnswer()?.hasSuffix("ok\n") == true)
        #expect(silent.answer() == "")
        #expect(halting.answer() == "")
    }

    @Test("Clients beyond the limit wait until there is room")
    func full() throws {
        let server = try RunningServer(.init(connections: 2, clientSeconds: 0.3))
        let silent = [try Client(server.address), try Client(server.address)]
        let waiting = try Client(server.address)
        waiting.send("GET /healthz HTTP/1.1\r\n\r\n")
        #expect(waiting.nextAnswer()?.hasSuffix("ok\n") == true)
        for client in silent { #expect(client.answer() == "") }
    }

    @Test("Clients that say nothing keep no scraper out, however many they are and however long they may stay")
    func flood() throws {
        let server = try RunningServer(.init(connections: 64, clientSeconds: 600))
        let silent = try (0..<200).map { _ in try Client(server.address) }
        // Its request comes after its turn: a client is not taken for a silent one within a second.
        let scraper = try Client(server.address)
        scraper.send("GET /metr")
        scraper.send("ics HTTP/1.1\r\n\r\n")
        #expect(scraper.nextAnswer()?.hasSuffix("x 1\n") == true)
        #expect(silent[0].answer() == "", "the one that had been silent for longest made room")
    }

    @Test("Clients that do not take their answers keep no scraper out")
    func stuckFlood() throws {
        let server = try RunningServer(
            .init(connections: 4, clientSeconds: 600), pages: FixedPage(String(repeating: "x", count: 8 << 20)))
        let stuck = try (0..<4).map { _ in try Client(server.address) }
        for client in stuck { client.send("GET /metrics HTTP/1.1\r\n\r\n") }
        let prober = try Client(server.address)
        prober.send("GET /healthz HTTP/1.1\r\n\r\n")
        #expect(prober.nextAnswer()?.hasSuffix("ok\n") == true)
    }

    @Test("When it is full, the client that has been idle for longest makes room")
    func evicts() throws {
        let server = try RunningServer(.init(connections: 2))
        let clients = try (0..<3).map { _ in
            let client = try Client(server.address)
            client.send("GET /healthz HTTP/1.1\r\n\r\n")
            #expect(client.nextAnswer()?.hasSuffix("ok\n") == true)
            return client
        }
        #expect(clients[0].answer() == "")
        clients[1].send("GET /healthz HTTP/1.1\r\n\r\n")
        #expect(clients[1].nextAnswer()?.hasSuffix("ok\n") == true, "nobody goes while there is room")
        clients[2].send("GET /healthz HTTP/1.1\r\n\r\n")
        #expect(clients[2].nextAnswer()?.hasSuffix("ok\n") == true)
    }

    @Test("A connection serves many requests, also those sent before the answers are read")
    func keepAlive() throws {
        let pages = FixedPage("x 1\n")
        let server = try RunningServer(pages: pages)
        let client = try Client(server.address)
        for _ in 0..<3 {
            client.send("GET /metrics HTTP/1.1\r\n\r\n")
            #expect(client.nextAnswer()?.hasSuffix("\r\n\r\nx 1\n") == true)
        }
        #expect(pages.renderings.load(ordering: .relaxed) == 3, "each scrape is a reading of its own")
        client.send(
            "GET /metrics HTTP/1.1\r\n\r\nGET /healthz HTTP/1.1\r\n\r\nGET /nothing HTTP/1.1\r\nConnection: close\r\n\r\n"
                + "GET /metrics HTTP/1.1\r\n\r\n")
        #expect(client.nextAnswer()?.hasSuffix("x 1\n") == true)
        #expect(client.nextAnswer()?.hasSuffix("ok\n") == true)
        #expect(client.answer()?.hasPrefix("HTTP/1.1 404 Not Found\r\n") == true, "nothing comes after the last")
    }

    @Test(
        "A client that does not want to stay, or sends more than we read, is let go after the answer",
        arguments: [
            "GET /healthz HTTP/1.0\r\n\r\n", "GET /healthz HTTP/1.1\r\nconnection: Close\r\n\r\n",
            "GET /healthz HTTP/1.1\r\nContent-Length: 40\r\n\r\nGET /metrics HTTP/1.1\r\n\r\n",
        ])
    func letsGo(request: String) throws {
        let server = try RunningServer()
        let client = try Client(server.address)
        client.send(request)
        let answer = try #require(client.answer())
        #expect(answer.contains("\r\nConnection: close\r\n"))
        #expect(answer.hasSuffix("\r\n\r\nok\n"))
    }

    @Test("A thousand scrapers at once are all served, whatever a stuck one does")
    func thousand() throws {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        try #require(limit.rlim_cur > 2200, "the test itself needs two descriptors for each client")
        let body = String(repeating: "inframind_x 1\n", count: 2000)
        let server = try RunningServer(pages: FixedPage(body))
        let stuck = try Client(server.address)
        stuck.send(String(repeating: "GET /metrics HTTP/1.1\r\n\r\n", count: 2000))
        let clients = try (0..<1000).map { _ in try Client(server.address) }
        for client in clients { client.send("GET /metrics HTTP/1.1\r\n\r\n") }
        for client in clients { #expect(client.nextAnswer()?.hasSuffix(body) == true) }
    }

    @Test("Clients that do not take their answers are let go when too much waits for them")
    func pending() throws {
        let server = try RunningServer(
            .init(pendingBytes: 6 << 20), pages: FixedPage(String(repeating: "x", count: 16 << 20)))
        let stuck = try Client(server.address)
        stuck.send("GET /metrics HTTP/1.1\r\n\r\n")
        let quick = try Client(server.address)
        quick.send("GET /healthz HTTP/1.1\r\n\r\n")
        #expect(quick.nextAnswer()?.hasSuffix("ok\n") == true)
        #expect(try #require(stuck.answer()).utf8.count < 16 << 20)
    }

    @Test(
        "With a token, metrics need it, and health does not",
        arguments: [
            ("GET /metrics", "", 401), ("GET /metrics", "Authorization: Bearer 0123456789abcdef", 200),
            ("GET /metrics", "authorization: bearer  0123456789abcdef ", 200),
            ("GET /metrics", "Authorization: Bearer 0123456789abcdeF", 401),
            ("GET /metrics", "Authorization: Bearer 0123456789abcdef0", 401),
            ("GET /metrics", "Authorization: Bearer", 401), ("GET /metrics", "Authorization: ", 401),
            ("GET /metrics", "Authorization: Basic dTowMTIzNDU2Nzg5YWJjZGVm", 200),  // u:0123456789abcdef
            ("GET /metrics", "Authorization: Basic OjAxMjM0NTY3ODlhYmNkZWY=", 200),  // :0123456789abcdef
            ("GET /metrics", "Authorization: Basic MDEyMzQ1Njc4OWFiY2RlZg==", 401),  // no colon
            ("GET /metrics", "Authorization: Basic !", 401), ("GET /metrics", "Authorization: Digest x", 401),
            ("GET /healthz", "", 200), ("HEAD /metrics", "", 401),
        ])
    func token(request: String, field: String, status: Int) throws {
        let server = try RunningServer { $0.token = AccessToken("0123456789abcdef") }
        let client = try Client(server.address)
        client.send("\(request) HTTP/1.1\r\n\(field.isEmpty ? "" : field + "\r\n")\r\n")
        let answer = try #require(client.nextAnswer(hasBody: !request.hasPrefix("HEAD")))
        #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
        #expect(answer.contains("WWW-Authenticate: Bearer") == (status == 401))
    }

    @Test("A client that goes away in the middle does no harm")
    func gone() throws {
        let server = try RunningServer(pages: FixedPage(String(repeating: "x", count: 4 << 20)))
        do {
            let client = try Client(server.address)
            client.send("GET /metrics HTTP/1.1\r\n\r\n")
        }
        let client = try Client(server.address)
        client.send("GET /healthz HTTP/1.1\r\n\r\n")
        #expect(client.nextAnswer()?.hasSuffix("ok\n") == true)
    }

    @Test("IPv6 works as well, where there is any")
    func ipv6() throws {
        guard let address = ListenAddress("[::1]:0"),
            let server = try? MetricsServer(loop: EventLoop(), listen: address, pages: FixedPage(""))
        else { return }
        #expect(server.address.port != 0)
        #expect(server.address.description.hasPrefix("[::1]:"))
    }

    @Test("An address in use is an error that names it")
    func inUse() throws {
        let server = try RunningServer()
        let error = #expect(throws: MetricsServer.CannotListen.self) {
            try MetricsServer(loop: EventLoop(), listen: server.address, pages: FixedPage(""))
        }
        #expect(
            error?.description == "cannot listen on \(server.address): Address already in use; another program has the "
                + "port, choose one with --listen")
        #expect(InframindAgent.run(["--listen", server.address.description]) == 1)
    }
}
