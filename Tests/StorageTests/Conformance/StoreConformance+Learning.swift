import Builds
import Storage
import Testing

extension StoreConformance {
    @Test("Runs to learn from come in the order they completed, until learned", arguments: StoreBackend.all)
    func unlearnedOrder(_ backend: StoreBackend) async throws {
        try await backend.withStore { store in
            for id in ["a", "b", "c", "running"] { _ = try await store.start(sampleRun(id), tenant: tenant) }
            let steps = [sampleStep("z", run: "b"), sampleStep("a", run: "b")]
            for step in steps { _ = try await store.start(step, tenant: tenant) }
            for id in ["c", "a", "b"] {
                _ = try await store.complete(RunID(id), with: sampleCompletion(), tenant: tenant)
            }
            func waiting(_ limit: Int) async throws -> [String] {
                try await store.unlearnedRuns(limit: limit, tenant: tenant).map(\.run.id.rawValue)
            }
            #expect(try await waiting(10) == ["c", "a", "b"])
            #expect(try await waiting(2) == ["c", "a"])
            #expect(try await store.unlearnedRuns(limit: 10, tenant: tenant).map(\.steps) == [[], [], steps])
            #expect(try await store.learned([], from: RunID("a"), tenant: tenant) == .written)
            #expect(try await waiting(10) == ["c", "b"])
        }
    }

    @Test("Lessons come back oldest first, from after a number on", arguments: StoreBackend.all)
    func lessonOrder(_ backend: StoreBackend) async throws {
        try await backend.withStore { store in
            for id in ["r1", "r2"] { try await store.keepCompletedRun(id, tenant: tenant) }
            let second = [sampleLesson("z", ticket: []), sampleLesson("a")]
            _ = try await store.learned(second, from: RunID("r2"), tenant: tenant)
            _ = try await store.learned([sampleLesson()], from: RunID("r1"), tenant: tenant)
            let all = try await store.lessons(after: 0, limit: 10, tenant: tenant)
            #expect(all.map(\.number) == [1, 2, 3])
            #expect(all.map(\.runID.rawValue) == ["r2", "r2", "r1"])
            #expect(all.map(\.lesson) == second + [sampleLesson()])
            #expect(try await store.lessons(after: 1, limit: 1, tenant: tenant) == [all[1]])
            #expect(try await store.lessons(after: 3, limit: 10, tenant: tenant) == [])
        }
    }

    @Test("A run is learned from once, and only when it is over", arguments: StoreBackend.all)
    func learnedOnce(_ backend: StoreBackend) async throws {
        try await backend.withStore { store in
            _ = try await store.start(sampleRun(), tenant: tenant)
            await #expect(
                throws: StoreError.conflict("Run 'r1' is not over yet, so nothing can be learned from it.")
            ) {
                try await store.learned([sampleLesson()], from: RunID("r1"), tenant: tenant)
            }
            await #expect(throws: StoreError.unknownRun("none")) {
                try await store.learned([sampleLesson()], from: RunID("none"), tenant: tenant)
            }
            _ = try await store.complete(RunID("r1"), with: sampleCompletion(), tenant: tenant)
            #expect(try await store.learned([sampleLesson()], from: RunID("r1"), tenant: tenant) == .written)
            #expect(try await store.learned([sampleLesson("x")], from: RunID("r1"), tenant: tenant) == .unchanged)
            #expect(try await store.lessons(after: 0, limit: 10, tenant: tenant).map(\.lesson) == [sampleLesson()])
        }
    }

    @Test("Lessons that cannot all be kept are not kept at all", arguments: StoreBackend.all)
    func lessonsAreAtomic(_ backend: StoreBackend) async throws {
        try await backend.withStore { store in
            try await store.keepCompletedRun("r1", tenant: tenant)
            var bad = sampleLesson("s2")
            bad.outcome.usage.wallSeconds = .nan
            let lessons = [sampleLesson(), bad]
            await #expect(throws: StoreError.self) {
                try await store.learned(lessons, from: RunID("r1"), tenant: tenant)
            }
            #expect(try await store.lessons(after: 0, limit: 10, tenant: tenant) == [])
            #expect(try await store.unlearnedRuns(limit: 10, tenant: tenant).count == 1)
        }
    }
}
