import Builds
import Storage
import Testing

extension StoreConformance {
    /// A write that comes after ``prepare(_:)``, and how it must end.
    struct Repetition: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var expected: Result<WriteResult, StoreError>
        var write: @Sendable (any Store) async throws -> WriteResult

        init(
            _ name: String, _ expected: Result<WriteResult, StoreError>,
            write: @escaping @Sendable (any Store) async throws -> WriteResult
        ) {
            testDescription = name
            self.expected = expected
            self.write = write
        }
    }

    /// Run `r1` is complete with a stopped step `s1` and a running step `open`; run `open` runs.
    private func prepare(_ store: any Store) async throws {
        try await store.keepCompletedRun("r1", tenant: tenant)
        _ = try await store.start(sampleStep("open"), tenant: tenant)
        _ = try await store.start(sampleRun("open"), tenant: tenant)
    }

    private static func run(_ change: (inout Run) -> Void) -> Run {
        var run = sampleRun()
        change(&run)
        return run
    }

    private static func step(_ span: String = "s1", _ change: (inout Step) -> Void) -> Step {
        var step = sampleStep(span)
        change(&step)
        return step
    }

    private static func conflict(_ sentence: String) -> Result<WriteResult, StoreError> {
        .failure(.conflict(sentence))
    }

    static let repetitions: [Repetition] = runRepetitions + stepRepetitions + stopRepetitions + completionRepetitions

    private static let runRepetitions: [Repetition] = {
        let refused = conflict("Run 'r1' was already started with other content.")
        let changes: [(String, @Sendable (inout Run) -> Void)] = [
            ("pipeline", { $0.pipeline = "lib" }), ("branch", { $0.branch = "main" }),
            ("commit", { $0.commit = "beef" }), ("image", { $0.image = "" }), ("tools", { $0.tools.reverse() }),
            ("repository", { $0.repository = nil }), ("node", { $0.node = "node-8" }),
            ("requested settings", { $0.requested.jobs = 9 }), ("recommendation", { $0.recommendationID = nil }),
            ("context", { $0.context.cacheHitRatio = 0.2 }), ("unknown context", { $0.context.extra["x"] = 1 }),
            ("attempt", { $0.ci?.attempt = 3 }),
        ]
        return [
            Repetition("the same start of a run", .success(.unchanged)) {
                try await $0.start(sampleRun(), tenant: tenant)
            },
            Repetition("the same start of a run at another time", .success(.unchanged)) {
                try await $0.start(sampleRun(startedAt: time(99)), tenant: tenant)
            },
        ]
            + changes.map { name, change in
                Repetition("a start of a run with another \(name)", refused) {
                    try await $0.start(run(change), tenant: tenant)
                }
            }
    }()

    private static let stepRepetitions: [Repetition] = {
        let refused = conflict("The step with span 's1' of run 'r1' was already started with other content.")
        return [
            Repetition("the same start of a step", .success(.unchanged)) {
                try await $0.start(sampleStep(), tenant: tenant)
            },
            Repetition("a start of a step at another time", refused) {
                try await $0.start(sampleStep(startedAt: time(2)), tenant: tenant)
            },
            Repetition("a start of a step with another name", refused) {
                try await $0.start(step { $0.step = "link" }, tenant: tenant)
            },
            Repetition("a start of a step with another stage", refused) {
                try await $0.start(step { $0.stage = "test" }, tenant: tenant)
            },
            Repetition("the same span in another run", .success(.written)) {
                try await $0.start(sampleStep(run: "open"), tenant: tenant)
            },
            Repetition("a start of a step in no run", .failure(.unknownRun("none"))) {
                try await $0.start(sampleStep(run: "none"), tenant: tenant)
            },
        ]
    }()

    private static let stopRepetitions: [Repetition] = {
        let refused = conflict("The step with span 's1' of run 'r1' was already stopped with other content.")
        let renamed = conflict(
            "The step with span 'open' of run 'r1' started as 'compile' of stage 'build'; its stop must name the same.")
        return [
            Repetition("the same stop", .success(.unchanged)) {
                try await $0.stop(sampleStep(), with: sampleStop(), tenant: tenant)
            },
            Repetition("a stop at another time", refused) {
                try await $0.stop(sampleStep(), with: sampleStop(time(62)), tenant: tenant)
            },
            Repetition("a stop with another usage", refused) {
                var stop = sampleStop()
                stop.usage.oomKills = 1
                return try await $0.stop(sampleStep(), with: stop, tenant: tenant)
            },
            Repetition("a stop with other settings", refused) {
                var stop = sampleStop()
                stop.settings = Settings()
                return try await $0.stop(sampleStep(), with: stop, tenant: tenant)
            },
            Repetition("a stop at the very start", .success(.written)) {
                try await $0.stop(sampleStep("open"), with: sampleStop(time(1)), tenant: tenant)
            },
            Repetition("a stop before the start", .failure(.stopBeforeStart("open"))) {
                try await $0.stop(sampleStep("open"), with: sampleStop(time(0.999_999)), tenant: tenant)
            },
            Repetition("a stop of another step name", renamed) {
                try await $0.stop(step("open") { $0.step = "link" }, with: sampleStop(), tenant: tenant)
            },
            Repetition("a stop of another stage", renamed) {
                try await $0.stop(step("open") { $0.stage = "" }, with: sampleStop(), tenant: tenant)
            },
            Repetition("a stop of no step", .failure(.unknownStep("s1"))) {
                try await $0.stop(sampleStep(run: "open"), with: sampleStop(), tenant: tenant)
            },
            Repetition("a stop in no run", .failure(.unknownRun("none"))) {
                try await $0.stop(sampleStep(run: "none"), with: sampleStop(), tenant: tenant)
            },
        ]
    }()

    private static let completionRepetitions: [Repetition] = {
        let refused = conflict("Run 'r1' was already completed with other content.")
        return [
            Repetition("the same completion", .success(.unchanged)) {
                try await $0.complete(RunID("r1"), with: sampleCompletion(), tenant: tenant)
            },
            Repetition("a completion with another status", refused) {
                try await $0.complete(RunID("r1"), with: sampleCompletion(.failure), tenant: tenant)
            },
            Repetition("a completion with another duration", refused) {
                try await $0.complete(RunID("r1"), with: sampleCompletion(durationSeconds: 61), tenant: tenant)
            },
            Repetition("a completion with other artifacts", refused) {
                var completion = sampleCompletion()
                completion.artifacts[0].sizeBytes += 1
                return try await $0.complete(RunID("r1"), with: completion, tenant: tenant)
            },
            Repetition("a completion with another cache", refused) {
                var completion = sampleCompletion()
                completion.cache = [:]
                return try await $0.complete(RunID("r1"), with: completion, tenant: tenant)
            },
            Repetition("a completion of a run that is open", .success(.written)) {
                try await $0.complete(RunID("open"), with: sampleCompletion(), tenant: tenant)
            },
            Repetition("a completion of no run", .failure(.unknownRun("none"))) {
                try await $0.complete(RunID("none"), with: sampleCompletion(), tenant: tenant)
            },
        ]
    }()

    @Test(
        "The same again is unchanged, anything else a conflict that keeps the first",
        arguments: StoreBackend.all, repetitions)
    func idempotency(_ backend: StoreBackend, _ repetition: Repetition) async throws {
        try await backend.withStore { store in
            try await prepare(store)
            let before = try await store.run(RunID("r1"), tenant: tenant)
            do throws(any Error) {
                let result = try await repetition.write(store)
                #expect(repetition.expected == .success(result))
            } catch let error as StoreError {
                #expect(repetition.expected == .failure(error))
            }
            if repetition.expected != .success(.written) {
                #expect(try await store.run(RunID("r1"), tenant: tenant) == before)
            }
        }
    }
}
