import Builds
import Testing

@testable import Storage

extension StoreConformance {
    /// A run of a step, learned from if wanted.
    private func keep(_ id: String, isLearned: Bool = true, in store: SQLStore, tenant owner: TenantID) async throws {
        try await store.keepCompletedRun(id, tenant: owner)
        if isLearned { _ = try await store.learned([sampleLesson()], from: RunID(id), tenant: owner) }
    }

    private func steps(_ store: SQLStore, _ id: String, _ owner: TenantID = tenant) async throws -> Int? {
        try await store.run(RunID(id), tenant: owner)?.steps.count
    }

    private static let day = 86_400.0

    @Test(
        "Steps of runs recorded long ago are let go in small portions, runs and lessons stay",
        arguments: StoreBackend.all)
    func retention(_ backend: StoreBackend) async throws {
        try await backend.withStore { store async throws in
            // Three runs are there on the first day, two more on the second.
            for id in ["r0", "r1", "r2"] {
                for owner in [tenant, otherTenant] { try await keep(id, in: store, tenant: owner) }
            }
            for owner in [tenant, otherTenant] { try await store.markRetention(at: time(0), tenant: owner) }
            for id in ["r3", "r4"] { try await keep(id, in: store, tenant: tenant) }
            // Too soon for another mark.
            try await store.markRetention(at: time(Self.day - 1), tenant: tenant)
            try await store.markRetention(at: time(Self.day), tenant: tenant)

            func prune(_ seconds: Double, limit: Int) async throws -> PrunedSteps {
                try await store.pruneSteps(recordedBefore: time(seconds), limit: limit, tenant: tenant)
            }
            #expect(try await prune(-1, limit: 2).runs == 0)
            #expect(try await prune(Self.day - 1, limit: 2) == PrunedSteps(runs: 2, steps: 2, isDone: false))
            #expect(try await prune(Self.day - 1, limit: 2) == PrunedSteps(runs: 1, steps: 1, isDone: true))
            #expect(try await prune(Self.day - 1, limit: 2).runs == 0)
            for (id, left) in [("r0", 0), ("r2", 0), ("r3", 1), ("r4", 1)] {
                #expect(try await steps(store, id) == left)
            }
            #expect(try await steps(store, "r0", otherTenant) == 1)
            #expect(try await store.lessons(after: 0, limit: 10, tenant: tenant).count == 5)
            #expect(try await prune(Self.day, limit: 9).steps == 2)
        }
    }

    @Test("What was not learned from yet is kept, and a run that never ended is not", arguments: StoreBackend.all)
    func retentionOfUnlearned(_ backend: StoreBackend) async throws {
        try await backend.withStore { store async throws in
            _ = try await store.start(sampleRun("open"), tenant: tenant)
            _ = try await store.start(sampleStep(run: "open"), tenant: tenant)
            try await keep("r0", isLearned: false, in: store, tenant: tenant)
            try await keep("r1", in: store, tenant: tenant)
            try await store.markRetention(at: time(0), tenant: tenant)
            #expect(try await store.pruneSteps(recordedBefore: time(1), limit: 9, tenant: tenant).runs == 1)
            #expect(try await steps(store, "open") == 0)
            for id in ["r0", "r1"] { #expect(try await steps(store, id) == 1) }
            _ = try await store.learned([], from: RunID("r0"), tenant: tenant)
            #expect(try await store.pruneSteps(recordedBefore: time(1), limit: 9, tenant: tenant).runs == 2)
        }
    }

    @Test("A build that ran long ago but was recorded today keeps its steps", arguments: StoreBackend.all)
    func retentionOfImports(_ backend: StoreBackend) async throws {
        try await backend.withStore { store async throws in
            try await store.markRetention(at: time(0), tenant: tenant)
            try await keep("r0", in: store, tenant: tenant)
            try await store.markRetention(at: time(1000 * Self.day), tenant: tenant)
            #expect(
                try await store.pruneSteps(recordedBefore: time(999 * Self.day), limit: 9, tenant: tenant).runs == 0)
            #expect(try await steps(store, "r0") == 1)
        }
    }
}
