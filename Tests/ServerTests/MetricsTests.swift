import Builds
import Foundation
import HTTPTypes
import Scaffolding
import Storage
import Testing

@testable import Server

@Suite("What the server counts")
struct MetricsTests {
    /// Some minutes after the builds of ``BuildReports`` ended.
    private static let clock = WallClock { Timestamp(rfc3339: "2026-03-01T12:10:00Z") ?? Timestamp(seconds: 0) }

    private func withServer(
        _ change: (inout ServerConfiguration) -> Void = { _ in }, clock: WallClock = clock,
        _ body: @Sendable (API) async throws -> Void
    ) async throws {
        var server = TestServer()
        defer { server.remove() }
        change(&server.configuration)
        try await server.run(clock: clock, body)
    }

    /// The value of a sample on a page.
    private static func value(_ sample: String, _ page: String) -> Double? {
        page.split(separator: "\n").first { $0.hasPrefix(sample + " ") }.flatMap {
            Double($0.dropFirst(sample.count + 1))
        }
    }

    /// A page that knows so many outcomes: learning may take longer than the report of a run waits for it.
    private static func page(learned outcomes: Int, _ api: API, token: String? = TestServer.key) async throws -> String
    {
        var page = ""
        let isThere = try await happens {
            page = try await api.get("/metrics", token: token).text
            return value("inframind_outcomes_learned_total", page) == Double(outcomes)
        }
        #expect(isThere, "\(outcomes) outcomes are not learned")
        return page
    }

    @Test("A build is counted with its duration, what it was given, used and cost")
    func build() async throws {
        try await withServer { api in
            // Five minutes on four cores and 8 GiB.
            try await api.reportRun(
                "r1",
                counters:
                    #"{"cpu_time_s":900,"peak_memory_bytes":4294967296,"exit_code":0,"throttled_s":12,"cache_hits":30,"cache_misses":10}"#
            )
            let page = try await Self.page(learned: 1, api)
            let labels = #"tenant="default",pipeline="shop/cart""#
            func value(_ name: String, _ more: String = "") -> Double? { Self.value("\(name){\(labels)\(more)}", page) }
            #expect(value("inframind_builds_total", #",status="success""#) == 1)
            #expect(value("inframind_builds_total", #",status="oom_killed""#) == 0)
            #expect(value("inframind_build_duration_seconds_bucket", #",le="300""#) == 0)
            #expect(value("inframind_build_duration_seconds_bucket", #",le="600""#) == 1)
            #expect(value("inframind_build_duration_seconds_sum") == 400)
            #expect(value("inframind_memory_asked_byte_seconds_total") == 2_576_980_377_600.0)
            #expect(value("inframind_memory_used_byte_seconds_total") == 1_288_490_188_800.0)
            #expect(value("inframind_cpu_asked_core_seconds_total") == 1200.0)
            #expect(value("inframind_cpu_used_core_seconds_total") == 900)
            #expect(value("inframind_cpu_throttled_seconds_total") == 12)
            #expect(value("inframind_compiler_cache_hits_total") == 30)
            #expect(value("inframind_compiler_cache_misses_total") == 10)
            let cpuCost = try #require(value("inframind_cost_usd_total", #",resource="cpu",ending="finished""#))
            #expect(abs(cpuCost - 4 * 0.04048 / 12) < 1e-9)
            let memoryCost = try #require(value("inframind_cost_usd_total", #",resource="memory",ending="finished""#))
            #expect(abs(memoryCost - 8 * 0.004445 / 12) < 1e-9)
            #expect(value("inframind_cost_usd_total", #",resource="cpu",ending="oom_killed""#) == 0)
            // Nobody asked, so nothing was promised.
            #expect(value("inframind_promised_steps_total") == 0)
        }
    }

    @Test("The dashboard adds up the same money and usage as the page of metrics, however steps end")
    func dashboard() async throws {
        let server = TestServer()
        defer { server.remove() }
        try FileManager.default.createDirectory(atPath: server.folder, withIntermediateDirectories: true)
        let store = try await SQLStore.sqlite(path: server.folder + "/test.db")
        try await server.run(store: store, clock: Self.clock) { api in
            let ends = [
                ("finished", #""cpu_time_s":900,"peak_memory_bytes":3000000000,"exit_code":0"#, "success"),
                // More of both than it was given.
                ("beyond", #""cpu_time_s":5000,"peak_memory_bytes":30000000000,"exit_code":0"#, "success"),
                ("failed", #""cpu_time_s":60,"peak_memory_bytes":1000000000,"exit_code":2"#, "failure"),
                ("killed", #""cpu_time_s":300,"peak_memory_bytes":8589934592,"oom_kills":1"#, "oom_killed"),
                // A retry inside the step succeeded.
                ("retried", #""cpu_time_s":300,"peak_memory_bytes":8589934592,"oom_kills":1,"exit_code":0"#, "success"),
                ("unmeasured", #""cache_hits":30,"cache_misses":10,"exit_code":0"#, "success"),
            ]
            for (run, counters, status) in ends {
                try await api.reportRun(run, counters: "{\(counters)}", status: status)
            }
            let page = try await Self.page(learned: ends.count, api)
            func sum(_ family: String, _ label: String = "tenant=") -> Double {
                page.split(separator: "\n").filter { $0.hasPrefix("inframind_\(family){") && $0.contains(label) }
                    .reduce(0) { $0 + (Double($1.split(separator: " ").last ?? "") ?? .nan) }
            }
            let week = try #require(
                try await store.usageWeeks(of: nil, before: nil, limit: 2, tenant: TenantID("default")).first)
            let figures = week.figures
            let gib = Double(Units.bytes(gib: 1))
            let pairs = [
                (figures.costUSD, sum("cost_usd_total")),
                (figures.oomUSD, sum("cost_usd_total", #"ending="oom_killed""#)),
                (figures.unusedUSD, sum("unused_cost_usd_total")),
                (figures.memoryAskedGiBSeconds, sum("memory_asked_byte_seconds_total") / gib),
                (figures.memoryUsedGiBSeconds, sum("memory_used_byte_seconds_total") / gib),
                (figures.coreAskedSeconds, sum("cpu_asked_core_seconds_total")),
                (figures.coreUsedSeconds, sum("cpu_used_core_seconds_total")),
                (figures.cacheHits, sum("compiler_cache_hits_total")),
                (figures.cacheMisses, sum("compiler_cache_misses_total")), (figures.runs, sum("builds_total")),
            ]
            for (dashboard, metrics) in pairs {
                #expect(dashboard > 0 && (dashboard / metrics - 1).magnitude < 1e-9, "\(dashboard) and \(metrics)")
            }
            #expect(figures.runs == Double(ends.count) && figures.oomRuns == 2)
        }
    }

    @Test("A step that had the memory it was recommended is part of the promise, and so is its end")
    func promise() async throws {
        try await withServer { api in
            for run in 1...3 { try await api.reportRun("r\(run)") }
            _ = try await Self.page(learned: 3, api)
            let question =
                #"{"pipeline":"shop/cart","stage":"build","step":"compile","context":{"tool":"cmake","image":"gcc:14","branch":"main"}}"#
            let answer = try await api.post("/optimize", question).json
            let id = try #require(answer["recommendation_id"].stringValue)
            let memory = try #require(answer["limits"]["mem_gb"].numberValue)
            let jobs = Int(answer["suggestions"]["concurrency"].numberValue ?? 0)
            func run(_ name: String, memory: Double, kills: Int, status: String) async throws {
                try await api.reportRun(
                    name, recommendation: id,
                    counters:
                        #"{"cpu_time_s":900,"peak_memory_bytes":3000000000,"oom_kills":\#(kills),"exit_code":0,"settings":{"concurrency":\#(jobs),"mem_gb":\#(memory)}}"#,
                    status: status)
            }
            try await run("kept", memory: memory, kills: 0, status: "success")
            try await run("broken", memory: memory, kills: 1, status: "oom_killed")
            // Less than it was told: whatever happens is not what was promised.
            try await run("less", memory: memory / 2, kills: 1, status: "oom_killed")
            let page = try await Self.page(learned: 6, api)
            let labels = #"{tenant="default",pipeline="shop/cart"}"#
            #expect(Self.value("inframind_promised_steps_total\(labels)", page) == 2)
            #expect(Self.value("inframind_promised_oom_kills_total\(labels)", page) == 2 * 0.02)
            #expect(Self.value("inframind_promised_steps_oom_killed_total\(labels)", page) == 1)
            #expect(Self.value("inframind_oom_killed_steps_total\(labels)", page) == 2)
        }
    }

    @Test("A build that somebody brings long after its end is in no figure of what builds do now")
    func lateBuild() async throws {
        try await withServer(clock: WallClock { Timestamp(rfc3339: "2026-03-03T12:10:00Z") ?? Timestamp(seconds: 0) }) {
            try await $0.reportRun("r1")
            let page = try await Self.page(learned: 1, $0)
            #expect(Self.value("inframind_builds_late_total", page) == 1)
            #expect(!page.contains("inframind_builds_total{"))
        }
    }

    @Test("Pipelines beyond the limit share one series, and a run sent twice counts once")
    func pipelineLimit() async throws {
        try await withServer {
            $0.metricsPipelineLimit = 2
        } _: { api in
            for number in [1, 1, 2, 3, 4] {
                _ = try await api.post("/runs", BuildReports.wholeRun(number, pipeline: "p\(number)"))
            }
            let page = try await Self.page(learned: 4, api)
            for (pipeline, builds) in [("p1", 1.0), ("p2", 1), ("*", 2)] {
                let sample = #"inframind_builds_total{tenant="default",pipeline="\#(pipeline)",status="success"}"#
                #expect(Self.value(sample, page) == builds)
            }
            #expect(!page.contains(#"pipeline="p3""#))
        }
    }

    @Test("A token shows what its own tenant's builds did, and what is nobody's own")
    func tenants() async throws {
        try await withServer {
            $0.metricsArePublic = false
            $0.tokens = (try? AccessTokens(["red=red-secret", "blue=blue-secret"])) ?? .development
        } _: { api in
            for (tenant, pipeline) in [("red", "secret-of-red"), ("blue", "secret-of-blue")] {
                let run = BuildReports.wholeRun(1, pipeline: pipeline)
                #expect(try await api.send(.post, "/runs", body: run, token: "\(tenant)-secret").status == 201)
            }
            let page = try await Self.page(learned: 2, api, token: "blue-secret")
            #expect(page.contains("secret-of-blue"))
            #expect(!page.contains("secret-of-red") && !page.contains(#"tenant="red""#))
            #expect(try await api.get("/metrics", token: nil).status == 403)
        }
        let page = MetricsPage.complete(viewer: TenantID("blue")).text()
        #expect(page.contains(#"tenant="blue""#) && page.contains("inframind_model_age_seconds"))
        #expect(!page.contains(#"tenant="red""#))
        // Nobody's name opens what stands for the rest.
        #expect(!MetricsPage.complete(viewer: TenantID(BuildFigures.rest)).text().contains("inframind_builds_total"))
    }

    @Test("A run that goes on without an answer says why, alone or in a batch, and a word of a later version counts")
    func failOpens() async throws {
        try await withServer { api in
            func start(_ id: String, _ reason: String) -> String {
                BuildReports.start(id).replacing("\n", with: "").dropLast() + #","fail_open":"\#(reason)"}"#
            }
            for _ in 1...2 { #expect(try await api.post("/builds/start", start("r1", "timeout")).status == 200) }
            let batch = [start("r2", "timeout"), start("r3", "unreachable"), start("r4", "a word of tomorrow")]
                .map { #"{"start":\#($0)}"# }.joined(separator: "\n")
            #expect(try await api.post("/batch", batch).json["accepted"] == 3)
            let page = try await api.get("/metrics").text
            for (reason, runs) in [("timeout", 2.0), ("unreachable", 1), ("other", 1), ("refused", 0)] {
                #expect(Self.value(#"inframind_fail_opens_total{reason="\#(reason)"}"#, page) == runs)
            }
            #expect(Self.value("inframind_batches_total", page) == 1)
            #expect(Self.value(#"inframind_batch_lines_total{result="accepted"}"#, page) == 3)
        }
    }

    @Test("Reports that are not taken are counted by reason, lines of batches among them")
    func refusals() async throws {
        try await withServer { api in
            _ = try await api.post("/builds/start", "{")
            _ = try await api.post("/builds/start", "{}")
            _ = try await api.post("/builds/complete", BuildReports.complete("nobody"))
            _ = try await api.post("/builds/start", BuildReports.start("r1"), token: "wrong")
            // Not a report.
            _ = try await api.post("/optimize", "{")
            _ = try await api.post("/batch", "{\n{}\n\(#"{"complete":\#(BuildReports.complete("nobody"))}"#)")
            let page = try await api.get("/metrics").text
            func refused(_ reason: String) -> Double? {
                Self.value(#"inframind_reports_refused_total{reason="\#(reason)"}"#, page)
            }
            #expect(refused("forbidden") == 1)
            #expect(refused("unknown") == 2)
            let bad = (refused("malformed") ?? 0) + (refused("invalid") ?? 0)
            #expect(bad == 4)
            #expect(
                Self.value(
                    #"inframind_http_requests_total{route="/builds/start",method="POST",status="4xx"}"#, page) == 3)
        }
    }

    @Test("When the database is away the page says so and shows the rest")
    func databaseAway() async throws {
        let server = TestServer()
        defer { server.remove() }
        try FileManager.default.createDirectory(atPath: server.folder, withIntermediateDirectories: true)
        for fault in [FaultyStore.Fault.fails(.unavailable("gone")), .hangs] {
            let store = FaultyStore(try await SQLStore.sqlite(path: server.folder + "/test.db"))
            try await server.run(store: store) { api in
                // A machine that is busy may be slower than a page waits.
                let isUp = try await happens {
                    Self.value("inframind_database_up", try await api.get("/metrics").text) == 1
                }
                #expect(isUp)
                store.set(fault, for: .counts)
                let page = try await api.get("/metrics").text
                #expect(Self.value("inframind_database_up", page) == 0)
                #expect(!page.contains("inframind_unlearned_runs"))
                #expect(Self.value("inframind_runs_started_total", page) == 0)
                store.set(nil, for: .counts)
            }
        }
    }

    @Test("Who asks for OpenMetrics gets it")
    func negotiation() async throws {
        try await withServer { api in
            let plain = try await api.get("/metrics")
            #expect(plain.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
            let open = try await api.send(
                .get, "/metrics",
                headers: [
                    .accept: "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
                ])
            #expect(open.headers[.contentType] == "application/openmetrics-text; version=1.0.0; charset=utf-8")
            #expect(open.text.hasSuffix("# EOF\n"))
        }
    }
}
