import Builds
import Storage
import Testing

extension StoreConformance {
    @Test("A run comes back as it was told, with its steps in the order they began", arguments: StoreBackend.all)
    func runRoundTrip(_ backend: StoreBackend) async throws {
        try await backend.withStore { store async throws in
            #expect(try await store.start(sampleRun(), tenant: tenant) == .written)
            #expect(try await store.start(sampleStep("late", startedAt: time(9)), tenant: tenant) == .written)
            #expect(try await store.start(sampleStep("z-first", startedAt: time(3)), tenant: tenant) == .written)
            #expect(try await store.start(sampleStep("a-second", startedAt: time(3)), tenant: tenant) == .written)
            var late = sampleStep("late", startedAt: time(0))
            #expect(try await store.stop(late, with: sampleStop(), tenant: tenant) == .written)
            #expect(try await store.complete(RunID("r1"), with: sampleCompletion(), tenant: tenant) == .written)

            var run = sampleRun()
            run.completion = sampleCompletion()
            late.startedAt = time(9)
            late.stop = sampleStop()
            let steps = [
                sampleStep("z-first", startedAt: time(3)), sampleStep("a-second", startedAt: time(3)), late,
            ]
            #expect(
                try await store.run(RunID("r1"), tenant: tenant) == StoredRun(number: 1, run: run, steps: steps))
            #expect(try await store.run(RunID("r2"), tenant: tenant) == nil)
            #expect(try await store.run(numbered: 1, tenant: tenant)?.run == run)
            #expect(try await store.run(numbered: 2, tenant: tenant) == nil)
            #expect(try await store.run(numbered: 1, tenant: TenantID("other")) == nil)
        }
    }

    @Test("Every status comes back", arguments: StoreBackend.all, RunStatus.allCases)
    func statuses(_ backend: StoreBackend, _ status: RunStatus) async throws {
        try await backend.withStore { store async throws in
            let bare = Run(id: RunID("r"), pipeline: "", branch: "", commit: "", image: "", startedAt: time(0))
            _ = try await store.start(bare, tenant: tenant)
            _ = try await store.complete(RunID("r"), with: sampleCompletion(status), tenant: tenant)
            let stored = try await store.run(RunID("r"), tenant: tenant)
            #expect(stored?.run.completion == sampleCompletion(status))
            #expect(stored?.run.recommendationID == nil)
        }
    }

    @Test("Runs of a pipeline come newest first, page by page, each with its own steps", arguments: StoreBackend.all)
    func paging(_ backend: StoreBackend) async throws {
        try await backend.withStore { store async throws in
            for index in 1...5 {
                // A start time that runs backwards: the order is that of recording.
                _ = try await store.start(sampleRun("r\(index)", startedAt: time(Double(-index))), tenant: tenant)
                _ = try await store.start(sampleRun("x\(index)", pipeline: "lib"), tenant: tenant)
                for step in 0..<index {
                    // Span ids that sort backwards: the order of steps is that of beginning.
                    _ = try await store.start(sampleStep("s\(9 - step)", run: "r\(index)"), tenant: tenant)
                }
            }
            let first = try await store.runs(of: "app", before: nil, limit: 2, tenant: tenant)
            #expect(first.map(\.run.id.rawValue) == ["r5", "r4"])
            #expect(first.map(\.steps.count) == [5, 4])
            #expect(first[1].steps == (0..<4).map { sampleStep("s\(9 - $0)", run: "r4") })
            let second = try await store.runs(of: "app", before: first.last?.number, limit: 10, tenant: tenant)
            #expect(second.map(\.run.id.rawValue) == ["r3", "r2", "r1"])
            #expect(try await store.runs(of: "app", before: second.last?.number, limit: 9, tenant: tenant) == [])
            #expect(try await store.runs(of: "none", before: nil, limit: 9, tenant: tenant) == [])
        }
    }

    @Test("A limit out of bounds is brought within them", arguments: StoreBackend.all, [Int.min, -1, 0, 1])
    func smallLimits(_ backend: StoreBackend, _ limit: Int) async throws {
        try await backend.withStore { store async throws in
            for id in ["r1", "r2"] { try await store.keepCompletedRun(id, tenant: tenant) }
            #expect(try await store.runs(of: "app", before: nil, limit: limit, tenant: tenant).count == 1)
            #expect(try await store.unlearnedRuns(limit: limit, tenant: tenant).count == 1)
            #expect(try await store.runs(of: "app", before: nil, limit: .max, tenant: tenant).count == 2)
        }
    }

    /// Names that must stay distinct, or must not be read as SQL.
    @Test(
        "An id is kept exactly", arguments: StoreBackend.all,
        ["r'; DROP TABLE runs; --", "R1", "r1 ", "é", "e\u{301}", "🚀", String(repeating: "x", count: 4000)])
    func exactIdentifiers(_ backend: StoreBackend, _ id: String) async throws {
        try await backend.withStore { store async throws in
            _ = try await store.start(sampleRun("r1"), tenant: tenant)
            #expect(try await store.start(sampleRun(id), tenant: tenant) == .written)
            let stored = try await store.run(RunID(id), tenant: tenant)
            #expect(stored.map { Array($0.run.id.rawValue.utf8) } == Array(id.utf8))
            #expect(try await store.counts()["runs"] == 2)
        }
    }

    @Test("Two ids that differ only in Unicode form are two runs", arguments: StoreBackend.all)
    func unicodeForms(_ backend: StoreBackend) async throws {
        try await backend.withStore { store async throws in
            #expect(try await store.start(sampleRun("\u{e9}"), tenant: tenant) == .written)
            #expect(try await store.start(sampleRun("e\u{301}"), tenant: tenant) == .written)
        }
    }

    /// Content no database keeps as it is.
    struct Unstorable: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var write: @Sendable (any Store) async throws -> Void
    }

    @Test(
        "What cannot be kept as it is, is refused", arguments: StoreBackend.all,
        [
            Unstorable(testDescription: "a zero byte in an id") {
                _ = try await $0.start(sampleRun("r1\0"), tenant: tenant)
            },
            Unstorable(testDescription: "an empty id") { _ = try await $0.start(sampleRun(""), tenant: tenant) },
            Unstorable(testDescription: "a duration that is not a number") {
                _ = try await $0.complete(
                    RunID("r1"), with: sampleCompletion(durationSeconds: .nan), tenant: tenant)
            },
            Unstorable(testDescription: "a negative duration") {
                _ = try await $0.complete(RunID("r1"), with: sampleCompletion(durationSeconds: -1), tenant: tenant)
            },
            Unstorable(testDescription: "an infinite metric") {
                var model = sampleModel()
                model.metrics["mae"] = .infinity
                try await $0.save(model, tenant: tenant)
            },
        ])
    func unstorable(_ backend: StoreBackend, _ content: Unstorable) async throws {
        try await backend.withStore { store async throws in
            _ = try await store.start(sampleRun("r1"), tenant: tenant)
            let before = try await store.counts()
            let error = await #expect(throws: StoreError.self) { try await content.write(store) }
            guard case .conflict = error else {
                Issue.record("expected a conflict, not \(String(describing: error))")
                return
            }
            #expect(try await store.counts() == before)
            #expect(try await store.run(RunID("r1"), tenant: tenant)?.run.completion == nil)
        }
    }

    @Test("A whole run is kept at once, and again gives the same number", arguments: StoreBackend.all)
    func ingest(_ backend: StoreBackend) async throws {
        try await backend.withStore { store async throws in
            _ = try await store.start(sampleRun("earlier"), tenant: tenant)
            var run = sampleRun("whole")
            run.completion = sampleCompletion()
            var steps = [sampleStep("1", run: "whole"), sampleStep("0", run: "whole")]
            steps[0].stop = sampleStop()
            let number = try await store.ingest(run, steps: steps, tenant: tenant)
            #expect(number == 2)
            #expect(
                try await store.run(RunID("whole"), tenant: tenant)
                    == StoredRun(number: number, run: run, steps: steps))
            run.startedAt = time(500)
            #expect(try await store.ingest(run, steps: steps, tenant: tenant) == number)
            #expect(try await store.counts()["steps"] == 2)
        }
    }

    /// A second telling of the same whole run that differs.
    struct Retelling: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var change: @Sendable (inout Run, inout [Step]) -> Void

        static let all = [
            Retelling(testDescription: "another commit") { run, _ in run.commit = "beef" },
            Retelling(testDescription: "another status") { run, _ in run.completion?.status = .failure },
            Retelling(testDescription: "no completion") { run, _ in run.completion = nil },
            Retelling(testDescription: "a step more") { $1.append(sampleStep("3")) },
            Retelling(testDescription: "a step less") { $1.removeLast() },
            Retelling(testDescription: "a step that never stopped") { $1[0].stop = nil },
            Retelling(testDescription: "a step that did stop") { $1[1].stop = sampleStop() },
            Retelling(testDescription: "another usage") { $1[0].stop?.usage.exitCode = 2 },
            Retelling(testDescription: "another start of a step") { $1[1].startedAt = time(2) },
        ]
    }

    @Test("A whole run told differently is refused and changes nothing", arguments: StoreBackend.all, Retelling.all)
    func ingestConflict(_ backend: StoreBackend, _ retelling: Retelling) async throws {
        try await backend.withStore { store async throws in
            var run = sampleRun()
            run.completion = sampleCompletion()
            var steps = [sampleStep("1"), sampleStep("2")]
            steps[0].stop = sampleStop()
            _ = try await store.ingest(run, steps: steps, tenant: tenant)
            let before = try await store.run(run.id, tenant: tenant)
            retelling.change(&run, &steps)
            let error = await #expect(throws: StoreError.self) {
                try await store.ingest(run, steps: steps, tenant: tenant)
            }
            guard case .conflict = error else {
                Issue.record("expected a conflict, not \(String(describing: error))")
                return
            }
            #expect(try await store.run(run.id, tenant: tenant) == before)
        }
    }

    @Test("A whole run with one bad step leaves nothing behind", arguments: StoreBackend.all)
    func ingestIsAtomic(_ backend: StoreBackend) async throws {
        try await backend.withStore { store async throws in
            var steps = [sampleStep("1"), sampleStep("2")]
            steps[1].stop = sampleStop(time(0))
            await #expect(throws: StoreError.stopBeforeStart("2")) {
                try await store.ingest(sampleRun(), steps: steps, tenant: tenant)
            }
            let foreign = [sampleStep("1", run: "r2")]
            await #expect(throws: StoreError.conflict("Step '1' names run 'r2', not 'r1'.")) {
                try await store.ingest(sampleRun(), steps: foreign, tenant: tenant)
            }
            #expect(try await store.run(RunID("r1"), tenant: tenant) == nil)
            #expect(try await store.counts()["runs"] == 0)
        }
    }
}
