import CAllocations
import Glibc
import Telemetry
import Testing

@testable import Agent

@Suite struct AllocationTests {
    private static func allocations(_ body: () -> Void) -> UInt64 {
        let before = callocations_of_this_thread()
        body()
        return callocations_of_this_thread() - before
    }

    @Test("The counter counts what Swift and C allocate")
    func counts() {
        var kept: [[UInt8]] = []
        var pointers: [UnsafeMutableRawPointer?] = []
        pointers.reserveCapacity(1)
        #expect(Self.allocations { kept.append(Array("kept".utf8)) } >= 2)
        #expect(Self.allocations { pointers.append(calloc(1, 10)) } == 1)
        #expect(kept.count + pointers.count == 2)
        free(pointers[0])
        #expect(Self.allocations {} == 0)
    }

    /// Those that read the same files at every scrape. The others list folders and processes, or take over what a thread
    /// of their own has found, and allocate a little for that. Loops over arrays allocate in a build that is not
    /// optimised, so only collectors without any hold the frame to its promise there.
    ///
    /// One that has nothing to read here is left out: the test library allocates to remember where an error came from.
    private static func collectors() -> [any Collector] {
        var names: Set = ["cpu", "memory", "load", "pressure", "self"]
        #if !DEBUG
            names.formUnion(["disk", "network", "self_io"])
        #endif
        let trial = MetricsWriter()
        return Collectors.all(CollectorSources()).filter { collector in
            trial.begin(.prometheusText)
            return names.contains(collector.name) && (try? collector.collect(into: trial)) != nil
        }
    }

    @Test("Once warm, a scrape of this node allocates nothing in any format", arguments: MetricsWriter.Format.allCases)
    func page(format: MetricsWriter.Format) throws {
        let page = MetricsPage(collectors: Self.collectors(), log: { _ in })
        let writer = MetricsWriter(constantLabels: ConstantLabels([(name: "cluster", value: "ci")]))
        for _ in 0..<10 { page.render(into: writer, as: format) }
        let allocations = Self.allocations {
            for _ in 0..<1000 { page.render(into: writer, as: format) }
        }
        #expect(allocations == 0)
        #expect(writer.bytes.count > 1000)
    }

    @Test("Once warm, a scrape over a kept connection allocates nothing, compressed or not", arguments: [true, false])
    func connection(isCompressed: Bool) throws {
        let loop = try EventLoop()
        let page = MetricsPage(collectors: Self.collectors(), log: { _ in })
        let server = try MetricsServer(
            loop: loop, listen: try #require(ListenAddress("127.0.0.1:0")),
            pages: SharedPages(page, labels: ConstantLabels()))
        server.token = AccessToken("0123456789abcdef")
        let client = try Client(server.address)
        let request = Array(
            ("GET /metrics HTTP/1.1\r\nHost: a\r\nAccept: application/openmetrics-text;version=1.0.0\r\n"
                + "Authorization: Bearer 0123456789abcdef\r\n\(isCompressed ? "Accept-Encoding: gzip\r\n" : "")\r\n")
                .utf8)
        var answer = [UInt8](repeating: 0, count: 1 << 20)
        var received = 0
        func scrape() {
            _ = send(client.descriptor, request, request.count, Int32(MSG_NOSIGNAL))
            received = 0
            loop.runOnce()
            // The kernel may deliver the answer a little later; no event of the loop would tell.
            var entry = pollfd(fd: client.descriptor, events: Int16(POLLIN), revents: 0)
            while poll(&entry, 1, 1000) == 0 { loop.runOnce() }
            received = max(0, recv(client.descriptor, &answer, answer.count, Int32(MSG_DONTWAIT)))
        }
        for _ in 0..<10 { scrape() }
        let allocations = Self.allocations { for _ in 0..<1000 { scrape() } }
        #expect(allocations == 0)
        let text = String(decoding: answer[..<received], as: UTF8.self)
        #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(text.contains("Content-Encoding: gzip") == isCompressed)
        server.stop()
    }

    @Test(
        "A look for new builds allocates nothing for each known process; once optimised, nor does reading the whole list"
    )
    func attribution() throws {
        // Looks at 34 s; at 64 s the list is read, and taking each of it in allocates in a build that is not optimised.
        var times = [34.0]
        #if !DEBUG
            times.append(64)
        #endif
        let allocations = try [10, 1010].map { count in
            let fake = try FakeProc(latestID: 20_000)
            for id in 2..<Int32(2 + count) {
                try fake.write("\(id) (x) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 10 0 0\n", "proc/\(id)/stat")
                try fake.write("PATH=/bin\0", "proc/\(id)/environ")
            }
            var table = ProcessTable(try ProcDirectory(fake.roots))
            for second in [0.0, 1, 2, 32, 33] { table.refresh(at: .test(second)) }
            #expect(table.count == count)
            return times.map { second in Self.allocations { table.refresh(at: .test(second)) } }
        }
        #expect(allocations[0] == allocations[1])
    }
}
