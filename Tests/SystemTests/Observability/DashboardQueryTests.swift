import Foundation
import Scaffolding
import Testing

/// Every question that a dashboard asks, put to a real Prometheus that scrapes a real server and a real agent.
@Suite("What dashboards ask has an answer", .serialized)
struct DashboardQueryTests {
    /// Series that a kernel, or the place an agent runs in, may not have. What asks for one is left out when the agent's page is
    /// without it, and only then.
    private static let dependingOnTheMachine = [
        "inframind_node_pressure_waiting_seconds_total", "inframind_cgroup_cpu_throttled_seconds_total",
        "inframind_cgroup_memory_working_set_bytes", "inframind_cgroup_oom_kills_total",
        "inframind_cgroup_cpu_seconds_total", "inframind_node_disk_read_bytes_total",
        "inframind_node_disk_written_bytes_total", "inframind_node_network_receive_bytes_total",
        "inframind_node_network_transmit_bytes_total",
    ]

    @Test(
        "Every panel's query returns data, every variable has values, and no rule fails",
        .enabled(if: PrometheusServer.reasonToSkip == nil, "Prometheus is not installed; run scripts/setup."),
        .enabled(if: RedisServer.reasonToSkip == nil, "Redis is not installed; run scripts/setup."),
        .timeLimit(.minutes(8)))
    func panels() async throws {
        try await withTemporaryFolder { folder in
            let dashboards = try Dashboard.all()
            #expect(dashboards.count >= 5)
            #expect(dashboards.flatMap(\.panelsWithoutQuery) == [])
            let fleet = try ObservedFleet(in: folder, redis: RedisServer.shared().url)
            let seeded = try fleet.seed()
            #expect(seeded.status == 0, "\(seeded.output)")
            let agentPage = try fleet.agent.page()
            let missing = Self.dependingOnTheMachine.filter { !agentPage.contains("\n\($0)") }
            var open = Set(dashboards.flatMap(\.queries)).filter { query in
                !missing.contains { query.expression.contains($0) }
            }
            #expect(open.count > 80)
            var variables = Set(dashboards.flatMap(\.variables))
            #expect(!variables.isEmpty)

            let prometheus = try PrometheusServer(
                in: folder,
                targets: ["inframind-server": fleet.serverAddress, "inframind-agent": fleet.agent.address])
            var refused: [String] = []
            let deadline = ContinuousClock.now + .seconds(240)
            while !(open.isEmpty && variables.isEmpty) && refused.isEmpty && .now < deadline {
                // Something new between two scrapes, or rates would have nothing to say.
                try fleet.build()
                try await Task.sleep(for: .seconds(1))
                for query in open {
                    do {
                        if try prometheus.samples(of: Dashboard.filled(query.expression)) > 0 { open.remove(query) }
                    } catch let error as PrometheusServer.Refused {
                        refused.append("\(query): \(error)")
                    } catch is LoopbackSocket.Failure {
                        break  // Not up yet.
                    }
                }
                variables = variables.filter {
                    (try? prometheus.values(of: $0.label, in: $0.series))?.isEmpty ?? true
                }
            }
            #expect(refused == [])
            #expect(open.map(\.description).sorted() == [], "no data")
            #expect(variables.isEmpty)
            #expect(try prometheus.faultyRules() == [])
            #expect(fleet.server.stop() == 0)
        }
    }
}
