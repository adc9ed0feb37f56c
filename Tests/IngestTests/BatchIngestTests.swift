import Builds
import Contract
import Scaffolding
import Storage
import Testing

@testable import Ingest

private let tenant = TenantID("acme")
private let noon = Timestamp(rfc3339: "2026-03-01T12:00:00Z") ?? Timestamp(microseconds: 0)

private func start(_ run: String) -> String {
    #"{"start":{"pipeline":"p","run_id":"\#(run)","branch":"b","commit":"c","image":"i"}}"#
}

private func step(_ run: String, _ span: String, _ event: String = "start", at second: String = "00") -> String {
    #"{"step":{"run_id":"\#(run)","stage":"s","step":"t","span_id":"\#(span)","event":"\#(event)","#
        + #""timestamp":"2026-03-01T11:00:\#(second)Z"}}"#
}

private func wholeRun(_ number: Int, steps: Int = 2) -> String {
    let steps = (0..<steps).map { #"{"name":"s\#($0)","duration_s":\#($0).5}"# }.joined(separator: ",")
    return #"{"run":{"pipeline":"p","build_number":\#(number),"start_time":"2026-03-01T10:00:00Z","#
        + #""duration_s":9,"status":"failed","steps":[\#(steps)]}}"#
}

@Suite("A batch")
struct BatchIngestTests {
    private func withStore(_ body: (SQLStore) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        let store = try await SQLStore.sqlite(path: folder.path + "/db.sqlite")
        try await body(store)
        try await store.close()
    }

    private func ingest(
        _ lines: [String], into store: any Store, pieces: Int = 1000, limits: BatchIngest.Limits = .init()
    ) async throws -> BatchOutcome {
        try await BatchIngest(store: store, limits: limits).ingest(
            Pieces(Array(lines.joined(separator: "\n").utf8), of: pieces), tenant: tenant, receivedAt: noon)
    }

    @Test("is carried out in order, whatever pieces it comes in", arguments: [1, 10, 100_000])
    func order(_ pieces: Int) async throws {
        try await withStore { store async throws in
            let lines = [
                start("r"), "", step("r", "a"), step("r", "a", "stop", at: "05"),
                #"{"complete":{"run_id":"r","status":"success","duration_s":60}}"#, "  \r", wholeRun(1), "",
            ]
            let outcome = try await ingest(lines, into: store, pieces: pieces)
            #expect(outcome.answer.accepted == 5 && outcome.answer.refused == 0 && outcome.answer.problems == [])
            #expect(outcome.runsStarted == 1 && outcome.stepsStarted == 1 && outcome.stepsStopped == 1)
            #expect(outcome.runsCompleted == [.success: 1, .failure: 1])
            #expect(try await store.run(RunID("r"), tenant: tenant)?.steps.first?.stop != nil)
            #expect(try await store.run(RunID("p#1"), tenant: tenant)?.steps.count == 2)

            let again = try await ingest(lines, into: store, pieces: pieces)
            #expect(again.answer.unchanged == 5 && again.answer.accepted == 0)
            #expect(again.runsStarted == 0 && again.runsCompleted == [:])
        }
    }

    @Test("names its bad lines as the single endpoints would, and takes the others")
    func problems() async throws {
        try await withStore { store async throws in
            let lines = [
                start("r"), "{", step("none", "a"), start("r").replacing(#""p""#, with: #""q""#),
                step("r", "a", "stop"), step("r", "a", at: "30"), step("r", "a", "stop", at: "05"),
                step("r", ""), "[]", "\u{1}", "{\"start\":{}}", step("r", "b"),
            ]
            let answer = try await ingest(lines, into: store).answer
            #expect(answer.accepted == 3 && answer.refused == 9)
            #expect(answer.problems.map(\.line) == [2, 3, 4, 5, 7, 8, 9, 10, 11])
            #expect(answer.problems.map(\.status) == [400, 404, 409, 404, 422, 422, 422, 400, 422])
            #expect(answer.problems[1].detail == "There is no run 'none'. Send POST /builds/start first.")
            #expect(answer.problems[4].errors?.map(\.field) == ["step.timestamp"])
            #expect(answer.problems[5].detail == "step.span_id must not be empty.")
        }
    }

    @Test("lists a hundred bad lines and counts them all")
    func manyProblems() async throws {
        try await withStore { store async throws in
            let answer = try await ingest(Array(repeating: "x", count: 250) + [start("r")], into: store).answer
            #expect(answer.accepted == 1 && answer.refused == 250)
            #expect(answer.problems.map(\.line) == Array(1...100))
        }
    }

    @Test("with lines that are too long is read on behind them", arguments: [10, 1000, 1 << 20])
    func longLines(_ pieces: Int) async throws {
        try await withStore { store async throws in
            var limits = BatchIngest.Limits()
            limits.lineBytes = 2000
            let long = String(repeating: "x", count: 2001)
            let lines = [
                long, start("r"), String(repeating: "y", count: 40_000), step("r", "a"),
                start("s") + String(repeating: " ", count: 1800),
                String(repeating: "z", count: 500_000),
            ]
            let answer = try await ingest(lines, into: store, pieces: pieces, limits: limits).answer
            #expect(answer.accepted == 3 && answer.refused == 3)
            #expect(answer.problems.map(\.line) == [1, 3, 6])
            #expect(
                answer.problems.allSatisfy { $0.status == 413 && $0.detail == "The line is longer than 2000 bytes." })
        }
    }

    @Test("with too many lines is told at the first that is not taken")
    func manyLines() async throws {
        try await withStore { store async throws in
            var limits = BatchIngest.Limits()
            limits.lines = 3
            let answer = try await ingest((1...5).map { start("r\($0)") }, into: store, limits: limits).answer
            #expect(answer.accepted == 3 && answer.refused == 2)
            #expect(answer.problems.map(\.line) == [4, 5] && answer.problems.allSatisfy { $0.status == 413 })
        }
    }

    @Test("refuses a run with too many steps and nesting without end, and goes on")
    func greedyLines() async throws {
        try await withStore { store async throws in
            let deep = #"{"start":"# + String(repeating: "[", count: 100_000) + "}"
            let answer = try await ingest(
                [wholeRun(1, steps: Bounds.steps + 1), deep, wholeRun(2, steps: Bounds.steps)], into: store
            ).answer
            #expect(answer.accepted == 1)
            #expect(answer.problems.map(\.status) == [422, 400])
            #expect(answer.problems.first?.errors?.map(\.field) == ["run.steps"])
            #expect(answer.problems.last?.detail.contains("the nesting is deeper than 64") == true)
        }
    }

    @Test("of many blocks keeps its order across them")
    func manyBlocks() async throws {
        try await withStore { store async throws in
            // Runs start long before their steps come.
            let runs = 2000
            let lines =
                (0..<runs).map { start("r\($0)") } + (0..<runs).map { step("r\($0)", "a") }
                + (0..<runs).map { step("r\($0)", "a", "stop", at: "05") } + (0..<runs).map { wholeRun($0, steps: 5) }
            let outcome = try await ingest(lines, into: store, pieces: 65_536)
            #expect(outcome.answer.accepted == 4 * runs && outcome.answer.refused == 0)
            #expect(try await store.counts()["steps"] == Int64(6 * runs))
            let page = try await store.runs(of: "p", before: nil, limit: 1000, tenant: tenant)
            #expect(page.map(\.run.id.rawValue) == (runs - 1000..<runs).reversed().map { "p#\($0)" })
        }
    }

    @Test("ends where the store fails, and what came before is kept")
    func failingStore() async throws {
        try await withStore { store async throws in
            try await store.close()
            await #expect(throws: StoreError.unavailable("The store is closed.")) {
                try await ingest([start("r")], into: store)
            }
        }
    }

    @Test("that is packed says the same")
    func packed() async throws {
        try await withStore { store async throws in
            let bytes = Array((1...500).map { wholeRun($0) }.joined(separator: "\n").utf8)
            let body = GzipBody(Pieces(try gzip(bytes), of: 777))
            let outcome = try await BatchIngest(store: store).ingest(body, tenant: tenant, receivedAt: noon)
            #expect(outcome.answer.accepted == 500)
        }
    }
}
