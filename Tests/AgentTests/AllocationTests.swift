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
        var kept: [[Int]] = []
        #expect(Self.allocations { kept.append([1, 2, 3]) } >= 2)
        #expect(kept.count == 1)
        #expect(Self.allocations { free(calloc(1, 10)) } == 1)
        #expect(Self.allocations {} == 0)
    }

    /// Loops over arrays allocate when a build is not optimised; those collectors that avoid them hold the frame to its
    /// promise in any build, and all of them in one that is.
    private static func collectors() -> [any Collector] {
        let all = Collectors.all(CollectorSources())
        #if DEBUG
            return all.filter { ["cpu", "memory", "load", "pressure", "self"].contains($0.name) }
        #else
            return all
        #endif
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
            while received == 0 {
                loop.runOnce()
                received = max(0, recv(client.descriptor, &answer, answer.count, Int32(MSG_DONTWAIT)))
            }
        }
        for _ in 0..<10 { scrape() }
        let allocations = Self.allocations { for _ in 0..<1000 { scrape() } }
        #expect(allocations == 0)
        let text = String(decoding: answer[..<received], as: UTF8.self)
        #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(text.contains("Content-Encoding: gzip") == isCompressed)
        server.stop()
    }
}
