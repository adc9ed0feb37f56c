import Builds
import Testing

@testable import Storage

/// Many writes at once end as the same writes one by one.
extension StoreConformance {
    /// A batch that comes after ``prepare(_:)``, and how each of it must end.
    struct Batch: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var entries: [BatchEntry]
        var expected: [Result<WriteResult, StoreError>]

        init(_ name: String, _ rows: [(BatchEntry, Result<WriteResult, StoreError>)]) {
            testDescription = name
            entries = rows.map(\.0)
            expected = rows.map(\.1)
        }
    }

    private static func whole(_ id: String, _ spans: [String] = ["0", "1"]) -> BatchEntry {
        .wholeRun(wholeRun(id), steps: spans.map { stopped($0, run: id) })
    }

    private static func wholeRun(_ id: String) -> Run {
        var run = sampleRun(id)
        run.completion = sampleCompletion()
        return run
    }

    private static func stopped(_ span: String, run: String, at end: Timestamp = time(61)) -> Step {
        var step = sampleStep(span, run: run)
        step.stop = sampleStop(end)
        return step
    }

    private static func recorded(_ id: String) -> Result<WriteResult, StoreError> {
        .failure(.conflict("Run '\(id)' was already recorded with other content."))
    }

    static let batches: [Batch] = [
        Batch(
            "a run as it happens",
            [
                (.startRun(sampleRun("n")), .success(.written)),
                (.startStep(sampleStep(run: "n")), .success(.written)),
                (.stopStep(sampleStep(run: "n"), sampleStop()), .success(.written)),
                (.completeRun(RunID("n"), sampleCompletion()), .success(.written)),
            ]),
        Batch(
            "everything twice",
            [
                (.startRun(sampleRun("n")), .success(.written)), (.startRun(sampleRun("n")), .success(.unchanged)),
                (.startStep(sampleStep(run: "n")), .success(.written)),
                (.startStep(sampleStep(run: "n")), .success(.unchanged)),
                (.stopStep(sampleStep(run: "n"), sampleStop()), .success(.written)),
                (.stopStep(sampleStep(run: "n"), sampleStop()), .success(.unchanged)),
                (whole("w"), .success(.written)), (whole("w"), .success(.unchanged)),
            ]),
        Batch(
            "a step before its run, a stop before its start",
            [
                (.startStep(sampleStep(run: "n")), .failure(.unknownRun("n"))),
                (.stopStep(sampleStep(run: "n"), sampleStop()), .failure(.unknownRun("n"))),
                (.completeRun(RunID("n"), sampleCompletion()), .failure(.unknownRun("n"))),
                (.startRun(sampleRun("n")), .success(.written)),
                (.stopStep(sampleStep(run: "n"), sampleStop()), .failure(.unknownStep("s1"))),
                (.startStep(sampleStep(run: "n")), .success(.written)),
                (.stopStep(sampleStep(run: "n"), sampleStop(time(0))), .failure(.stopBeforeStart("s1"))),
            ]),
        Batch(
            "more of runs that are there",
            [
                (.stopStep(sampleStep("open"), sampleStop()), .success(.written)),
                (.startStep(sampleStep("more", run: "open")), .success(.written)),
                (.completeRun(RunID("open"), sampleCompletion()), .success(.written)),
                (.completeRun(RunID("r1"), sampleCompletion()), .success(.unchanged)),
                (
                    .startRun(sampleRun("r1", pipeline: "x")),
                    .failure(.conflict("Run 'r1' was already started with other content."))
                ),
            ]),
        Batch(
            "whole runs that are not what they were",
            [
                (whole("w"), .success(.written)), (whole("w", ["0"]), recorded("w")),
                (whole("w", ["0", "1", "2"]), recorded("w")),
                (.wholeRun(sampleRun("w"), steps: [stopped("0", run: "w"), stopped("1", run: "w")]), recorded("w")),
                (.wholeRun(wholeRun("open"), steps: []), recorded("open")),
                (.wholeRun(sampleRun("open"), steps: []), .success(.unchanged)),
                (.startStep(sampleStep("late", run: "w")), .success(.written)), (whole("w"), recorded("w")),
            ]),
        Batch(
            "a whole run of which one step is wrong leaves nothing",
            [
                (
                    .wholeRun(wholeRun("w"), steps: [stopped("0", run: "w"), stopped("1", run: "w", at: time(0))]),
                    .failure(.stopBeforeStart("1"))
                ),
                (
                    .wholeRun(wholeRun("w"), steps: [stopped("0", run: "other")]),
                    .failure(.conflict("Step '0' names run 'other', not 'w'."))
                ),
                (.startStep(sampleStep(run: "w")), .failure(.unknownRun("w"))),
                (whole("w"), .success(.written)),
            ]),
        Batch(
            "names that look the same and are not",
            [
                (.startRun(sampleRun("caf\u{E9}")), .success(.written)),
                (.startRun(sampleRun("cafe\u{301}")), .success(.written)),
                (.startStep(sampleStep("s", run: "caf\u{E9}")), .success(.written)),
                (.stopStep(sampleStep("s", run: "cafe\u{301}"), sampleStop()), .failure(.unknownStep("s"))),
            ]),
        Batch(
            "what no database keeps",
            [
                (
                    .startRun(sampleRun("a\0b")),
                    .failure(.conflict("A name or an id contains a zero byte and cannot be kept."))
                ),
                (.startRun(sampleRun("n")), .success(.written)),
                (
                    .completeRun(RunID("n"), sampleCompletion(durationSeconds: .infinity)),
                    .failure(.conflict("A number is not finite and cannot be kept."))
                ),
                (.completeRun(RunID("n"), sampleCompletion()), .success(.written)),
            ]),
    ]

    /// Run `r1` is complete with a stopped step `s1` and a running step `open`; run `open` runs.
    private func prepare(_ store: any Store) async throws {
        try await store.keepCompletedRun("r1", tenant: tenant)
        _ = try await store.start(sampleStep("open"), tenant: tenant)
        _ = try await store.start(sampleRun("open"), tenant: tenant)
    }

    @Test("A batch ends as its writes would alone, and leaves the same", arguments: StoreBackend.all, batches)
    func batch(_ backend: StoreBackend, _ batch: Batch) async throws {
        try await backend.withStore { together async throws in
            try await backend.withStore { alone async throws in
                try await prepare(together)
                try await prepare(alone)
                #expect(try await together.write(batch.entries, tenant: tenant) == batch.expected)
                #expect(try await alone.writeOneByOne(batch.entries, tenant: tenant) == batch.expected)
                #expect(try await together.everything(tenant) == alone.everything(tenant))
            }
        }
    }

    @Test("The same batch again changes nothing, and the next numbers follow", arguments: StoreBackend.all)
    func batchAgain(_ backend: StoreBackend) async throws {
        try await backend.withStore { store async throws in
            let entries = (0..<300).map { Self.whole("w\($0)") }
            #expect(try await store.write(entries, tenant: tenant).allSatisfy { $0 == .success(.written) })
            let kept = try await store.everything(tenant)
            #expect(try await store.write(entries, tenant: tenant).allSatisfy { $0 == .success(.unchanged) })
            #expect(try await store.everything(tenant) == kept)
            // Once as runs, once in the order they completed.
            #expect(kept.map(\.number) == Array(1...300) + Array(1...300))
            #expect(try await store.counts()["steps"] == 600)
            #expect(try await store.ingest(sampleRun("next"), steps: [], tenant: tenant) == 301)
        }
    }

    @Test("A batch of one tenant neither sees nor touches another's", arguments: StoreBackend.all)
    func batchTenants(_ backend: StoreBackend) async throws {
        try await backend.withStore { store async throws in
            let entries = [Self.whole("w"), .startRun(sampleRun("n"))]
            for owner in [tenant, otherTenant] {
                #expect(try await store.write(entries, tenant: owner) == [.success(.written), .success(.written)])
            }
            #expect(
                try await store.write([.startStep(sampleStep(run: "mine"))], tenant: otherTenant)
                    == [.failure(.unknownRun("mine"))])
            #expect(try await store.everything(tenant) == store.everything(otherTenant))
        }
    }

    @Test("A batch that is refused as a whole makes no tenant", arguments: StoreBackend.all)
    func refusedBatch(_ backend: StoreBackend) async throws {
        try await backend.withStore { store async throws in
            let results = try await store.write([.startStep(sampleStep(run: "none"))], tenant: tenant)
            #expect(results == [.failure(.unknownRun("none"))])
            #expect(try await store.tenants() == [])
            #expect(try await store.write([], tenant: tenant) == [])
        }
    }

    @Test("Batches of any writes in any order end as the writes alone", arguments: StoreBackend.all, [1, 2])
    func randomBatches(_ backend: StoreBackend, _ seed: UInt64) async throws {
        var generator = RandomEntries(seed: seed)
        let batches = (0..<5).map { _ in generator.entries(40) }
        try await backend.withStore { together async throws in
            try await backend.withStore { alone async throws in
                for entries in batches {
                    let results = try await together.write(entries, tenant: tenant)
                    let expected = try await alone.writeOneByOne(entries, tenant: tenant)
                    for (place, entry) in entries.enumerated() where results[place] != expected[place] {
                        Issue.record("\(results[place]) instead of \(expected[place]) for \(entry)")
                    }
                    #expect(try await together.everything(tenant) == alone.everything(tenant))
                }
            }
        }
    }
}

extension Store {
    /// What ``write(_:tenant:)`` must be like.
    fileprivate func writeOneByOne(
        _ entries: [BatchEntry], tenant: TenantID
    ) async throws -> [Result<WriteResult, StoreError>] {
        var results: [Result<WriteResult, StoreError>] = []
        for entry in entries {
            do {
                switch entry {
                case .startRun(let run): results.append(.success(try await start(run, tenant: tenant)))
                case .startStep(let step): results.append(.success(try await start(step, tenant: tenant)))
                case .stopStep(let step, let stop):
                    results.append(.success(try await self.stop(step, with: stop, tenant: tenant)))
                case .observe(let observation):
                    results.append(.success(try await observe(observation, tenant: tenant)))
                case .completeRun(let id, let completion):
                    results.append(.success(try await complete(id, with: completion, tenant: tenant)))
                case .wholeRun(let run, let steps):
                    let isStorable = !run.id.rawValue.utf8.contains(0)
                    let isKnown = isStorable ? try await self.run(run.id, tenant: tenant) != nil : false
                    _ = try await ingest(run, steps: steps, tenant: tenant)
                    results.append(.success(isKnown ? .unchanged : .written))
                }
            } catch let error as StoreError {
                results.append(.failure(error))
            }
        }
        return results
    }

    /// All runs with their steps, oldest first, and in which order they completed.
    fileprivate func everything(_ tenant: TenantID) async throws -> [StoredRun] {
        var runs: [StoredRun] = []
        for pipeline in ["app", "lib", "x"] {
            runs += try await self.runs(of: pipeline, before: nil, limit: 1000, tenant: tenant)
        }
        return try await runs.sorted { $0.number < $1.number } + unlearnedRuns(limit: 1000, tenant: tenant)
    }
}

/// Writes to few runs and steps, so that most meet others.
private struct RandomEntries {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    private mutating func below(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(bound))
    }

    mutating func entries(_ count: Int) -> [BatchEntry] { (0..<count).map { _ in entry() } }

    private mutating func entry() -> BatchEntry {
        let id = "r\(below(14))"
        switch below(6) {
        case 0: return .startRun(run(id))
        case 1, 2: return .startStep(step(id))
        case 3: return .stopStep(step(id), stop())
        case 4: return .completeRun(RunID(id), sampleCompletion(below(4) == 0 ? .failure : .success))
        default:
            var whole = run(id)
            if below(4) > 0 { whole.completion = sampleCompletion() }
            let steps = (0..<below(4)).map { _ in
                var step = step(below(20) == 0 ? "r\(below(14))" : id)
                if below(3) > 0 { step.stop = stop() }
                return step
            }
            return .wholeRun(whole, steps: steps)
        }
    }

    private mutating func run(_ id: String) -> Run {
        sampleRun(below(40) == 0 ? id + "\0" : id, pipeline: below(8) == 0 ? "lib" : "app")
    }

    private mutating func step(_ run: String) -> Step {
        var step = sampleStep("s\(below(4))", run: run, startedAt: time(below(8) == 0 ? 100 : 1))
        if below(10) == 0 { step.stage = "e\u{301}" }
        if below(10) == 0 { step.stage = "\u{E9}" }
        return step
    }

    private mutating func stop() -> StepStop {
        var stop = sampleStop(time(below(8) == 0 ? 62 : 61))
        if below(30) == 0 { stop.usage.wallSeconds = .nan }
        return stop
    }
}
