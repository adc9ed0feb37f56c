import Builds
import Foundation
import Logging
import Scaffolding
import ServiceLifecycle
import Storage
import Testing

@testable import Server

@Suite("What builds do is learned, kept, and used")
struct LearningTests {
    private static let question =
        #"{"pipeline":"shop/cart","stage":"build","step":"compile","context":{"tool":"cmake","image":"gcc:14","branch":"main"}}"#

    @Test("A run reported event by event changes the next recommendation")
    func startStepCompleteOptimize() async throws {
        try await withServer { api in
            let before = try await api.post("/optimize", Self.question).json
            #expect(before["source"] != "history")
            for run in 1...5 { try await api.reportRun("r\(run)") }
            let after = try await api.post("/optimize", Self.question).json
            #expect(after["source"] == "history")
            #expect(after["limits"]["mem_gb"].numberValue ?? 0 > 3_000_000_000 / 1_073_741_824)
            #expect(after["predicted"]["peak_memory_gb"]["p50"].numberValue.map { (2.0...4.0).contains($0) } == true)
            let metrics = try await api.get("/metrics").text
            #expect(metrics.contains("inframind_outcomes_learned_total 5\n"))
            #expect(metrics.contains(#"inframind_runs_completed_total{status="success"} 5"#))
        }
    }

    @Test("A run that followed a recommendation is learned with the recommendation's ticket")
    func ticketSurvives() async throws {
        let server = TestServer()
        defer { server.remove() }
        try await server.run { api in
            for run in 1...3 { try await api.reportRun("r\(run)") }
        }
        // The recommendation is given by one process, and its outcome learned by another.
        let id = try await server.run { api in
            try #require(try await api.post("/optimize", Self.question).json["recommendation_id"].stringValue)
        }
        let jobs = try await server.run { api in
            let kept = try await api.get("/recommendations/\(id)").json
            let jobs = Int(kept["suggestions"]["concurrency"].numberValue ?? 0)
            try await api.reportRun(
                "followed", recommendation: id,
                counters:
                    #"{"cpu_time_s":900,"peak_memory_bytes":3000000000,"exit_code":0,"settings":{"concurrency":\#(jobs)}}"#
            )
            return jobs
        }
        #expect(jobs >= 1)
        let store = try await SQLStore.sqlite(path: server.folder + "/test.db")
        let lessons = try await store.lessons(after: 0, limit: 100, tenant: .default)
        try await store.close()
        #expect(lessons.map(\.runID.rawValue) == ["r1", "r2", "r3", "followed"])
        let modes = lessons.map { TicketBytes.decode($0.lesson.ticket)?.mode }
        #expect(modes.prefix(3).allSatisfy { $0 == .observed })
        #expect(modes.last != .observed && modes.last != .some(nil))
    }

    @Test("Events sent twice count once")
    func idempotency() async throws {
        try await withServer { api in
            try await api.reportRun("r1")
            try await api.reportRun("r1")
            let first = try await api.post("/runs", BuildReports.wholeRun(7))
            let second = try await api.post("/runs", BuildReports.wholeRun(7))
            #expect(first.json["run_id"] == second.json["run_id"])
            let metrics = try await api.get("/metrics").text
            #expect(metrics.contains("inframind_outcomes_learned_total 2\n"))
            #expect(metrics.contains("inframind_runs_started_total 1\n"))
        }
    }

    @Test("A stop sent again with other numbers is a conflict")
    func conflictingStop() async throws {
        try await withServer { api in
            try await api.reportRun("r1")
            let again = try await api.post(
                "/builds/step",
                BuildReports.step("r1", event: "stop", at: "2026-03-01T12:05:10Z", counters: #"{"cpu_time_s":1}"#))
            #expect(again.status == 409)
        }
    }

    @Test("A server that is started again knows and recommends the same")
    func restart() async throws {
        let server = TestServer()
        defer { server.remove() }
        @Sendable func ask(_ api: API) async throws -> (limits: JSONValue, suggestions: JSONValue, predicted: JSONValue)
        {
            let json = try await api.post("/optimize", Self.question).json
            return (json["limits"], json["suggestions"], json["predicted"])
        }
        let before = try await server.run { api in
            for run in 1...30 {
                let counters =
                    #"{"cpu_time_s":\#(800 + run * 7),"peak_memory_bytes":\#(2_500_000_000 + run * 40_000_000),"exit_code":0}"#
                try await api.reportRun("r\(run)", counters: counters)
            }
            return try await ask(api)
        }
        let after = try await server.run { try await ask($0) }
        #expect(before.limits == after.limits)
        #expect(before.suggestions == after.suggestions)
        #expect(before.predicted == after.predicted)
        #expect(after.limits["mem_gb"].numberValue ?? 0 > 3)
    }

    @Test(
        "A step that had to make room is sized from what the store knows, also after a restart", .timeLimit(.minutes(3))
    )
    func stepPutAside() async throws {
        let server = TestServer()
        defer { server.remove() }
        /// The peak that `Self.question` is expected to have, in GiB: by the runs of its step or, once a server
        /// that has LightGBM at hand trained on them, by a model.
        @Sendable func expected(_ api: API) async throws -> Double {
            let answer = try await api.post("/optimize", Self.question).json
            #expect(answer["source"] == "history" || answer["source"] == "model", "\(answer)")
            return answer["predicted"]["peak_memory_gb"]["p50"].numberValue ?? 0
        }
        let (before, after) = try await server.run { api in
            for run in 1...5 { try await api.reportRun("r\(run)") }
            let before = try await expected(api)
            // One run whose steps are more than a pipeline may have at hand.
            let steps = (0..<1001).map { #"{"name":"s\#($0)","duration_s":9,"rss_max_bytes":90000000,"exit_code":0}"# }
            let crowd = """
                {"pipeline":"shop/cart","build_number":1,"git_branch":"main","start_time":"2026-03-01T12:00:00Z",
                "duration_s":300,"status":"success","tool":"cmake","steps":[\(steps.joined(separator: ","))]}
                """
            let ingested = try await api.post("/runs", crowd)
            #expect(ingested.status == 201, "\(ingested.text)")
            return (before, try await expected(api))
        }
        #expect((after / before - 1).magnitude < 0.05)
        let restarted = try await server.run { try await expected($0) }
        #expect((restarted / before - 1).magnitude < 0.05)
        // Its next run brings it back for good.
        let ran = try await server.run { api in
            try await api.reportRun("r6")
            return try await expected(api)
        }
        #expect((ran / before - 1).magnitude < 0.05)
    }

    @Test("A second server on the same file recommends the same, whichever of them learned")
    func secondServerOnSQLite() async throws {
        let server = TestServer()
        defer { server.remove() }
        try await twoServersAgree(server)
    }

    @Test(
        "A second server on the same PostgreSQL database recommends the same, whichever of them learned",
        .enabled(if: PostgreSQLCluster.reasonToSkip == nil, "PostgreSQL is not installed; run scripts/setup."))
    func secondServerOnPostgreSQL() async throws {
        var server = TestServer()
        let cluster = try PostgreSQLCluster()
        defer { cluster.stop() }
        server.configuration.database = .postgreSQL(url: cluster.url)
        try await twoServersAgree(server)
    }

    private func twoServersAgree(_ original: TestServer) async throws {
        var server = original
        server.configuration.optimizer.explorationRate = 0.5
        server.configuration.optimizer.controlRate = 0.2
        let twin = server
        try await server.run { first in
            try await twin.run { second in
                for run in 1...24 {
                    let reporter = run % 3 == 0 ? second : first
                    let counters =
                        #"{"cpu_time_s":\#(800 + run * 7),"peak_memory_bytes":\#(2_500_000_000 + run % 5 * 90_000_000),"exit_code":0}"#
                    try await reporter.reportRun("r\(run)", counters: counters)
                    var question = Self.question
                    question.removeLast()
                    question += #","run_id":"next-\#(run)"}"#
                    let one = try await first.post("/optimize", question).json
                    let other = try await second.post("/optimize", question).json
                    for key in ["limits", "suggestions", "predicted", "explored", "rationale", "guardrails", "source"] {
                        #expect(one[key] == other[key], "\(key) after \(run) runs")
                    }
                }
            }
        }
    }

    @Test("A run killed for memory raises what is recommended")
    func oomKill() async throws {
        try await withServer { api in
            for run in 1...6 { try await api.reportRun("r\(run)") }
            let before = try await api.post("/optimize", Self.question).json["limits"]["mem_gb"].numberValue
            try await api.reportRun(
                "killed", counters: #"{"oom_kills":1,"exit_code":137,"settings":{"concurrency":4,"cpu":4,"mem_gb":8}}"#,
                status: "oom_killed")
            let after = try await api.post("/optimize", Self.question).json["limits"]["mem_gb"].numberValue
            #expect(try #require(after) > 8)
            #expect(try #require(after) > #require(before))
        }
    }

    @Test("Features describe a run by earlier runs, and its label says what it came to")
    func features() async throws {
        try await withServer { api in
            try await api.reportRun("r1")
            let start = BuildReports.start("r2").replacing("2026-03-01T12:00:00Z", with: "2026-03-02T12:00:00Z")
            #expect(try await api.post("/builds/start", start).status == 200)
            let open = try await api.get("/features/r2").json
            #expect(open["vector"].count >= 15)
            #expect(open["vector"]["prior_runs"] == 1)
            #expect(open["label"]["duration_s"] == .null)
            let done = try await api.get("/features/r1").json
            #expect(done["vector"]["prior_runs"] == 0)
            #expect(done["label"]["duration_s"] == 400)
            #expect(done["label"]["success"] == 1)
        }
    }

    @Test("What a pipeline was given before stands in for a baseline nobody states")
    func baseline() async throws {
        try await withServer { api in
            try await api.reportRun("r1")
            let answer = try await api.post("/optimize", Self.question).json
            #expect(answer["baseline"]["mem_req_gb"] == 8)
            #expect(answer["baseline"]["concurrency"] == 4)
        }
    }

    @Test("A server that is told to stop leaves what is not learned yet to the next one")
    func leaving() async throws {
        let server = TestServer()
        defer { server.remove() }
        try FileManager.default.createDirectory(atPath: server.folder, withIntermediateDirectories: true)
        let store = try await SQLStore.sqlite(path: server.folder + "/test.db")
        func learner() -> Learner {
            Learner(
                resources: LearnerResources(
                    store: store, configuration: server.configuration.optimizer, seed: 1,
                    training: TrainingQueue(library: nil), clock: .system, metrics: ServerMetrics(),
                    logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
        }
        let tenant = TenantID("default")
        let leaving = learner()
        #expect(try await leaving.observedCount(tenant: tenant) == 0)
        await leaving.finish()
        try await Self.report(runs: 3, to: store)
        await leaving.runCompleted(tenant: tenant)
        #expect(try await store.unlearnedRuns(limit: 10, tenant: tenant).count == 3)
        let next = learner()
        try await next.warmUp()
        #expect(try await store.unlearnedRuns(limit: 10, tenant: tenant).isEmpty)
        #expect(try await next.observedCount(tenant: tenant) == 3)
        try await store.close()
    }

    /// Runs that are over, and not learned from.
    private static func report(runs: Int, to store: any Store) async throws {
        for number in 1...runs {
            let id = RunID("r\(number)")
            let run = Run(
                id: id, pipeline: "shop/cart", branch: "main", commit: "", image: "", startedAt: Timestamp(seconds: 0),
                completion: RunCompletion(status: .success, durationSeconds: 60))
            var usage = Usage()
            usage.peakMemoryBytes = 1 << 30
            let step = Step(
                runID: id, spanID: "s", stage: "build", step: "compile", startedAt: Timestamp(seconds: 0),
                stop: StepStop(stoppedAt: Timestamp(seconds: 60), usage: usage))
            _ = try await store.ingest(run, steps: [step], tenant: TenantID("default"))
        }
    }

    @Test("A server that is told to stop while it works off an import stops after the run it is at")
    func leavingAtTheStart() async throws {
        let server = TestServer()
        defer { server.remove() }
        try FileManager.default.createDirectory(atPath: server.folder, withIntermediateDirectories: true)
        let store = try await SQLStore.sqlite(path: server.folder + "/test.db")
        let tenant = TenantID("default")
        let runs = 600
        try await Self.report(runs: runs, to: store)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let learner = Learner(
            resources: LearnerResources(
                store: store, configuration: server.configuration.optimizer, seed: 1,
                training: TrainingQueue(library: nil), clock: .system, metrics: ServerMetrics(), logger: logger))
        let group = ServiceGroup(
            configuration: .init(services: [.init(service: LearnerService(learner: learner))], logger: logger))
        async let running: Void = group.run()
        while try await store.unlearnedRuns(limit: runs, tenant: tenant).count == runs { await Task.yield() }
        await group.triggerGracefulShutdown()
        try await running
        #expect(try await !store.unlearnedRuns(limit: runs, tenant: tenant).isEmpty)
        try await store.close()
    }
}
