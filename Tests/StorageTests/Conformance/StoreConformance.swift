import Builds
import Storage
import Testing

/// What every backend of ``Store`` must do. The tests are spread over the extensions in this folder, by noun.
@Suite("Every store")
struct StoreConformance {
    @Test("An empty store answers, and has nothing", arguments: StoreBackend.all)
    func empty(_ backend: StoreBackend) async throws {
        try await backend.withStore { store async throws in
            try await store.ping()
            #expect(try await store.tenants() == [])
            #expect(
                try await store.counts() == ["runs": 0, "steps": 0, "recommendations": 0, "lessons": 0, "models": 0])
            #expect(try await store.activeModel(tenant: tenant) == nil)
        }
    }

    @Test("Counts say how many rows of each kind all tenants have together", arguments: StoreBackend.all)
    func counts(_ backend: StoreBackend) async throws {
        try await backend.withStore { store async throws in
            for owner in [otherTenant, tenant] {
                try await store.keepCompletedRun("r1", tenant: owner)
                _ = try await store.start(sampleRun("r1"), tenant: owner)  // the same again adds nothing
                _ = try await store.start(sampleStep("s2"), tenant: owner)
                try await store.save(sampleRecommendation(), ticket: [], tenant: owner)
                _ = try await store.learned([sampleLesson(), sampleLesson("s2")], from: RunID("r1"), tenant: owner)
                try await store.save(sampleModel(), tenant: owner)
            }
            #expect(
                try await store.counts() == ["runs": 2, "steps": 4, "recommendations": 2, "lessons": 4, "models": 2])
            #expect(try await store.tenants() == [tenant, otherTenant])
        }
    }

    @Test("A refused write makes no tenant and counts nothing", arguments: StoreBackend.all)
    func refusedWritesLeaveNoTrace(_ backend: StoreBackend) async throws {
        try await backend.withStore { store async throws in
            await #expect(throws: StoreError.unknownRun("r1")) {
                try await store.start(sampleStep(), tenant: tenant)
            }
            await #expect(throws: StoreError.unknownModel("v9")) {
                try await store.activateModel("v9", tenant: tenant)
            }
            #expect(try await store.tenants() == [])
            #expect(try await store.counts().values.allSatisfy { $0 == 0 })
        }
    }

    /// One row per method that reads, with what it finds for its owner.
    struct Reading: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// How many things the tenant sees.
        var count: @Sendable (any Store, TenantID) async throws -> Int

        static let all = [
            Reading(testDescription: "run") { try await $0.run(RunID("r1"), tenant: $1) == nil ? 0 : 1 },
            Reading(testDescription: "runs of a pipeline") {
                try await $0.runs(of: "app", before: nil, limit: 10, tenant: $1).count
            },
            Reading(testDescription: "recommendation") {
                try await $0.recommendation("rec-1", tenant: $1) == nil ? 0 : 1
            },
            Reading(testDescription: "recommendations") {
                try await $0.recommendations(of: nil, limit: 10, tenant: $1).count
            },
            Reading(testDescription: "recommendations of a pipeline") {
                try await $0.recommendations(of: "app", limit: 10, tenant: $1).count
            },
            Reading(testDescription: "runs to learn from") { try await $0.unlearnedRuns(limit: 10, tenant: $1).count },
            Reading(testDescription: "lessons of a pipeline") {
                try await $0.lessons(of: sampleRun().pipeline, after: 0, limit: 10, tenant: $1).count
            },
            Reading(testDescription: "lessons of a step") {
                try await $0.lessons(of: sampleLesson().outcome.step, before: .max, limit: 10, tenant: $1).count
            },
            Reading(testDescription: "events") { try await $0.events(of: .all, limit: 10, tenant: $1).count },
            Reading(testDescription: "events of a run") {
                try await $0.events(of: .run(RunID("learned")), limit: 10, tenant: $1).count
            },
            Reading(testDescription: "events after another") {
                try await $0.events(after: 0, limit: 10, tenant: $1).count
            },
            Reading(testDescription: "newest event") { Int(try await $0.newestEvent(tenant: $1)) },
            Reading(testDescription: "delivery") { try await $0.delivery(to: "ops", tenant: $1) == nil ? 0 : 1 },
            Reading(testDescription: "weeks of all") {
                try await $0.usageWeeks(of: nil, before: nil, limit: 10, tenant: $1).count
            },
            Reading(testDescription: "weeks of a pipeline") {
                try await $0.usageWeeks(of: "lib", before: nil, limit: 10, tenant: $1).count
            },
            Reading(testDescription: "pipelines by what is unused") {
                try await $0.pipelines(byUnusedIn: Week(time(0)), after: nil, limit: 10, tenant: $1).count
            },
            Reading(testDescription: "pipelines") {
                try await $0.pipelines(from: nil, includingFirst: true, limit: 10, tenant: $1).count
            },
            Reading(testDescription: "pipeline") { try await $0.pipeline("lib", tenant: $1) == nil ? 0 : 1 },
            Reading(testDescription: "OOM kills") {
                try await $0.oomKills(of: nil, before: nil, limit: 10, tenant: $1).count
            },
            Reading(testDescription: "OOM kills of a pipeline") {
                try await $0.oomKills(of: "app", before: nil, limit: 10, tenant: $1).count
            },
            Reading(testDescription: "recommendations of runs") {
                try await $0.recommendations(ofRunsOf: "app", before: nil, limit: 10, tenant: $1).count
            },
            Reading(testDescription: "learning position") {
                Int(try await $0.learningPosition(tenant: $1).newestLesson)
            },
            Reading(testDescription: "lessons") { try await $0.lessons(after: 0, limit: 10, tenant: $1).count },
            Reading(testDescription: "models") { try await $0.models(tenant: $1).count },
            Reading(testDescription: "model") { try await $0.model("v1", tenant: $1) == nil ? 0 : 1 },
            Reading(testDescription: "active model") { try await $0.activeModel(tenant: $1) == nil ? 0 : 1 },
        ]
    }

    @Test("A tenant sees its own rows and never another's", arguments: StoreBackend.all, Reading.all)
    func tenantIsolation(_ backend: StoreBackend, _ reading: Reading) async throws {
        try await backend.withStore { store async throws in
            try await store.keepCompletedRun("r1", tenant: tenant)
            try await store.keepCompletedRun("learned", pipeline: "lib", tenant: tenant)
            _ = try await store.learned(
                [sampleLesson()], usage: sampleUsage(), from: RunID("learned"), tenant: tenant)
            try await store.save(
                [StoredEvent(lessonNumber: 1, place: 0, runID: RunID("learned"), pipeline: "lib", content: "odd")],
                tenant: tenant)
            try await store.save(sampleRecommendation(), ticket: [9], tenant: tenant)
            try await store.save(sampleModel(), tenant: tenant)
            try await store.activateModel("v1", tenant: tenant)
            _ = try await store.save(
                StoredDelivery(destination: "ops", position: 0, dueAt: nil, state: .null), tenant: tenant)

            #expect(try await reading.count(store, tenant) == 1)
            #expect(try await reading.count(store, otherTenant) == 0)
        }
    }

    @Test("A tenant cannot write to another's run or model", arguments: StoreBackend.all)
    func tenantIsolationOfWrites(_ backend: StoreBackend) async throws {
        try await backend.withStore { store async throws in
            try await store.keepCompletedRun("r1", tenant: tenant)
            try await store.save(sampleModel(), tenant: tenant)
            await #expect(throws: StoreError.unknownRun("r1")) {
                try await store.start(sampleStep("s9"), tenant: otherTenant)
            }
            await #expect(throws: StoreError.unknownRun("r1")) {
                try await store.stop(sampleStep(), with: sampleStop(), tenant: otherTenant)
            }
            await #expect(throws: StoreError.unknownRun("r1")) {
                try await store.complete(RunID("r1"), with: sampleCompletion(), tenant: otherTenant)
            }
            await #expect(throws: StoreError.unknownRun("r1")) {
                try await store.learned([], from: RunID("r1"), tenant: otherTenant)
            }
            await #expect(throws: StoreError.unknownModel("v1")) {
                try await store.activateModel("v1", tenant: otherTenant)
            }
        }
    }

    @Test("What was kept is there after reopening, and numbers go on", arguments: StoreBackend.all)
    func reopening(_ backend: StoreBackend) async throws {
        try await withTemporaryFolder { folder in
            var store = try await backend.open(folder)
            try await store.keepCompletedRun("r1", tenant: tenant)
            try await store.save(sampleRecommendation(), ticket: [1], tenant: tenant)
            try await store.save(sampleModel(), tenant: tenant)
            try await store.activateModel("v1", tenant: tenant)
            let before = try await store.run(RunID("r1"), tenant: tenant)
            try await store.close()

            store = try await backend.open(folder)
            #expect(before != nil)
            #expect(try await store.run(RunID("r1"), tenant: tenant) == before)
            #expect(try await store.recommendation("rec-1", tenant: tenant)?.ticket == [1])
            #expect(try await store.activeModel(tenant: tenant)?.bytes == sampleModel().bytes)
            #expect(try await store.ingest(sampleRun("r2"), steps: [], tenant: tenant) == 2)
            try await store.close()
        }
    }

    @Test("A closed store refuses writes and reads, and closing twice is harmless", arguments: StoreBackend.all)
    func closed(_ backend: StoreBackend) async throws {
        try await withTemporaryFolder { folder in
            let store = try await backend.open(folder)
            try await store.close()
            try await store.close()
            await #expect(throws: StoreError.unavailable("The store is closed.")) {
                try await store.start(sampleRun(), tenant: tenant)
            }
            await #expect(throws: StoreError.self) { try await store.ping() }
        }
    }

    @Test("Five hundred clients at once: every run and step is kept exactly once", arguments: StoreBackend.all)
    func concurrency(_ backend: StoreBackend) async throws {
        try await backend.withStore { store async throws in
            let clients = 500
            try await withThrowingTaskGroup(of: Void.self) { group in
                for client in 0..<clients {
                    group.addTask {
                        let id = "r\(client)"
                        // Half of them say everything twice, as clients that retry do.
                        for _ in 0...(client % 2) {
                            _ = try await store.start(sampleRun(id), tenant: tenant)
                            _ = try await store.start(sampleStep(run: id), tenant: tenant)
                            _ = try await store.stop(sampleStep(run: id), with: sampleStop(), tenant: tenant)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let runs = try await store.runs(of: "app", before: nil, limit: 1000, tenant: tenant)
            #expect(Set(runs.map(\.run.id)).count == clients)
            #expect(runs.map(\.number) == (1...Int64(clients)).reversed())
            #expect(runs.allSatisfy { $0.steps.count == 1 && $0.steps[0].stop == sampleStop() })
            #expect(try await store.counts()["steps"] == Int64(clients))
        }
    }
}
