import Builds
import Storage
import Testing

@testable import Server

@Suite("Retention")
struct RetentionTests {
    @Test("Steps are let go when their time has come, and the run still says what it was")
    func prune() async throws {
        var server = TestServer()
        defer { server.remove() }
        // Its own would mark how far the runs had come by the time of today, now and then behind the report.
        server.configuration.stepRetentionDays = nil
        try await server.run { api in try await api.reportRun("r1") }
        let store = try await SQLStore.sqlite(path: server.folder + "/test.db")
        let began = try #require(Timestamp(rfc3339: "2026-03-01T12:00:00Z"))
        let metrics = ServerMetrics()
        func prune(after days: Double) async throws {
            try await Retention(
                store: store, clock: WallClock { began.advanced(bySeconds: days * 86_400) }, metrics: metrics,
                logger: .init(label: "test"), stepDays: 400
            ).prune()
        }
        // Recorded long after it began, as an import is.
        for days in [500, 899.9] {
            try await prune(after: days)
            #expect(try await store.run(RunID("r1"), tenant: .default)?.steps.count == 1)
        }
        try await prune(after: 900)
        let kept = try #require(try await store.run(RunID("r1"), tenant: .default))
        #expect(kept.steps.isEmpty && kept.run.completion != nil)
        #expect(metrics.counts.stepsPruned == 1)
        #expect(try await store.lessons(after: 0, limit: 10, tenant: .default).count == 1)
        try await store.close()
    }
}
