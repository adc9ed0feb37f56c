import Foundation
import Glibc
import Scaffolding
import Telemetry
import Testing

@testable import Agent

/// The whole way in the agent's own loop: a marked command, a look, a report, a server; and a page that tells of it.
@Suite struct AttributionServiceTests {
    /// A loop on a thread of its own would need locks; the test turns it by hand.
    private func turn(_ loop: EventLoop, until isDone: () -> Bool) throws {
        let deadline = monotonicSeconds() + 60
        while !isDone() {
            try #require(monotonicSeconds() < deadline)
            loop.runOnce()
        }
    }

    private func configuration(_ url: String, _ folder: String) throws -> AgentConfiguration {
        var configuration = AgentConfiguration()
        configuration.prometheus.listen = try #require(ListenAddress("127.0.0.1:0"))
        configuration.server.url = url
        configuration.server.spool = folder
        return configuration
    }

    @Test("What a marked command used reaches the server, and survives a reload on the way")
    func reports() throws {
        let folder = NSTemporaryDirectory() + "inframind-service-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let server = try FakeServer([.status(503, fields: "Retry-After: 0\r\n"), .status(200)])
        defer { server.stop() }
        let loop = try EventLoop()
        let agent = try RunningAgent(try configuration(server.url, folder), loop) { _ in }
        let run = "service-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        let command = try ReapedCommand(
            ["sh", "-c", "sleep 3; true"],  // long enough to be seen
            environment: ["PATH": "/usr/bin:/bin", "INFRAMIND_RUN_ID": run])
        try turn(loop) { command.end != nil }
        var reloaded = try configuration(server.url, folder)
        reloaded.prometheus.isEnabled = false
        try agent.put(reloaded)
        try turn(loop) { server.requests.filter { $0.contains("\"run_id\":\"\(run)\"") }.count >= 1 }
        let request = try #require(server.requests.first { $0.contains(run) })
        #expect(request.contains("\"event\":\"usage\""))
        #expect(request.contains("\"cpu_time_s\":"))
    }

    @Test("The page tells of steps and reports, and never names a run")
    func page() throws {
        let fake = try FakeProc()
        try fake.put(.init(id: 40, start: 1000, environment: "INFRAMIND_RUN_ID=secret-run\0"))
        var following = Attribution.Configuration()
        following.roots = fake.roots
        following.usesExitRecords = false
        let loop = try EventLoop()
        let service = try AttributionService(
            following, Outbox.Configuration(server: try ServerAddress("http://127.0.0.1:1"), node: "n"), loop
        ) { _ in }
        service.start()
        defer { service.stop() }
        loop.runOnce()
        let writer = MetricsWriter()
        writer.begin(.prometheusText)
        try service.collect(into: writer)
        writer.end()
        let page = String(decoding: writer.bytes, as: UTF8.self)
        #expect(page.contains("\ninframind_agent_attribution_steps 1\n"))
        #expect(
            page.contains(
                "inframind_agent_attribution_steps_total{outcome=\"reported\",cpu_source=\"exit_records\"} 0\n"))
        #expect(page.contains("inframind_agent_reports_dropped_total{reason=\"unknown_run\"} 0\n"))
        #expect(page.contains("inframind_agent_spool_bytes 0\n"))
        #expect(!page.contains("secret"))
    }
}
