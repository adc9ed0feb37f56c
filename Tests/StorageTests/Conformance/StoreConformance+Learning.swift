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

    @Test("Lessons of a step are its newest before a number, oldest first", arguments: StoreBackend.all)
    func lessonsOfStep(_ backend: StoreBackend) async throws {
        try await backend.withStore { store in
            func lesson(_ span: String, _ step: StepIdentity) -> Lesson {
                var lesson = sampleLesson(span)
                lesson.outcome.step = step
                return lesson
            }
            let link = StepIdentity(pipeline: "app", stage: "build", step: "link")
            let test = StepIdentity(pipeline: "app", stage: "test", step: "link")
            let other = StepIdentity(pipeline: "lib", stage: "build", step: "link")
            for (run, steps) in [("r1", [link, test]), ("r2", [link]), ("r3", [other, link])] {
                try await store.keepCompletedRun(run, tenant: tenant)
                let lessons = steps.enumerated().map { lesson("s\($0)", $1) }
                _ = try await store.learned(lessons, from: RunID(run), tenant: tenant)
            }
            func numbers(_ step: StepIdentity, before: Int64 = .max, limit: Int = 10) async throws -> [Int64] {
                let found = try await store.lessons(of: step, before: before, limit: limit, tenant: tenant)
                #expect(found.allSatisfy { $0.lesson.outcome.step == step })
                return found.map(\.number)
            }
            #expect(try await numbers(link) == [1, 3, 5])
            #expect(try await numbers(link, limit: 2) == [3, 5])
            #expect(try await numbers(link, before: 5) == [1, 3])
            #expect(try await numbers(test) == [2])
            #expect(try await numbers(StepIdentity(pipeline: "app")) == [])
            let ofPipeline = try await store.lessons(of: "app", after: 1, limit: 10, tenant: tenant)
            #expect(ofPipeline.map(\.number) == [2, 3, 5])
            #expect(try await store.lessons(of: "none", after: 0, limit: 10, tenant: tenant) == [])
        }
    }

    @Test("The position moves with every lesson and every model in force", arguments: StoreBackend.all)
    func position(_ backend: StoreBackend) async throws {
        try await backend.withStore { store in
            func position() async throws -> LearningPosition { try await store.learningPosition(tenant: tenant) }
            #expect(try await position() == LearningPosition(newestLesson: 0, activeModel: nil))
            try await store.keepCompletedRun("r1", tenant: tenant)
            _ = try await store.learned([sampleLesson(), sampleLesson("s2")], from: RunID("r1"), tenant: tenant)
            #expect(try await position() == LearningPosition(newestLesson: 2, activeModel: nil))
            try await store.save(sampleModel("v1"), tenant: tenant)
            #expect(try await position().activeModel == nil)
            try await store.activateModel("v1", tenant: tenant)
            #expect(try await position() == LearningPosition(newestLesson: 2, activeModel: "v1"))
            let foreign = try await store.learningPosition(tenant: TenantID("other"))
            #expect(foreign == LearningPosition(newestLesson: 0, activeModel: nil))
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
