import Builds
import Foundation
import Logging
import Scaffolding
import Storage
import Testing

@testable import Server

@Suite("What an agent saw of a build")
struct ObservationTests {
    private static func usage(
        _ run: String, span: String = "s-1", at time: String, isFinal: Bool, peak: Int = 2_000_000_000
    ) -> String {
        """
        {"run_id":"\(run)","stage":"","step":"build","span_id":"\(span)","event":"usage","timestamp":"\(time)",
        "counters":{"cpu_time_s":812.5,"cpu_source":"cgroup","wall_s":300,"peak_memory_bytes":\(peak),
        "memory_source":"cgroup_v2"},"final":\(isFinal)}
        """
    }

    private static func learned(_ count: Int, _ api: API) async throws -> Bool {
        try await api.get("/metrics").text.contains("inframind_outcomes_learned_total \(count)\n")
    }

    @Test(
        "A build that measures nothing itself is learned from as an agent saw it, though it is over before the last word"
    )
    func lateWord() async throws {
        try await withServer { api in
            #expect(try await api.post("/builds/start", BuildReports.start("r1")).status == 200)
            let early = Self.usage("r1", at: "2026-03-01T12:01:00Z", isFinal: false, peak: 1_000_000_000)
            #expect(try await api.post("/builds/step", early).status == 200)
            #expect(try await api.post("/builds/complete", BuildReports.complete("r1")).status == 200)
            #expect(try await !Self.learned(1, api))
            let last = Self.usage("r1", at: "2026-03-01T12:05:00Z", isFinal: true)
            // Told twice, as after a lost answer; and the early one once more.
            for body in [last, last, early] { #expect(try await api.post("/builds/step", body).status == 200) }
            // The answer may come before all is learned.
            #expect(try await happens { try await Self.learned(1, api) })
            let run = try await api.get("/runs/r1").json
            #expect(run["steps"].count == 1)
            let asked = #"{"pipeline":"shop/cart","step":"build","context":{"tool":"cmake"}}"#
            let answer = try await api.post("/optimize", asked).json
            #expect(answer["source"] == "history", "\(answer)")
        }
    }

    @Test("Of a run nobody started, and of a foreign one, nothing can be told")
    func unknownRun() async throws {
        try await withServer { api in
            let body = Self.usage("r1", at: "2026-03-01T12:05:00Z", isFinal: true)
            let answer = try await api.post("/builds/step", body)
            #expect(answer.status == 404)
        }
    }

    @Test("An agent that does not come back is not waited for without end", arguments: [0, 3600])
    func patience(_ seconds: Int) async throws {
        let server = TestServer()
        defer { server.remove() }
        try FileManager.default.createDirectory(atPath: server.folder, withIntermediateDirectories: true)
        let store = try await SQLStore.sqlite(path: server.folder + "/test.db")
        let tenant = TenantID("default")
        let learner = Learner(
            resources: LearnerResources(
                store: store, configuration: server.configuration.optimizer, seed: 1,
                training: TrainingQueue(library: nil), clock: .system, metrics: ServerMetrics(),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                observationPatience: .seconds(seconds)))
        let run = Run(
            id: RunID("r1"), pipeline: "shop/cart", branch: "main", commit: "", image: "",
            startedAt: Timestamp(seconds: 0), completion: RunCompletion(status: .success, durationSeconds: 60))
        _ = try await store.ingest(run, steps: [], tenant: tenant)
        let seen = StepObservation(
            runID: run.id, spanID: "s", stage: "", step: "build", observedAt: Timestamp(seconds: 30), usage: Usage(),
            isFinal: false)
        _ = try await store.observe(seen, tenant: tenant)
        await learner.catchUp(tenant)
        #expect(try await store.unlearnedRuns(limit: 10, tenant: tenant).count == (seconds == 0 ? 0 : 1))
        try await store.close()
    }
}
