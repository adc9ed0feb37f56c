import Builds
import Testing

@testable import Storage

extension StoreConformance {
    /// Runs of a step each, begun so many seconds apart, learned from unless they are named.
    private func fill(_ store: SQLStore, _ ids: [String], unlearned: Set<String> = [], tenant owner: TenantID)
        async throws
    {
        for (place, id) in ids.enumerated() {
            let began = Double(place) * 100
            _ = try await store.start(sampleRun(id, startedAt: time(began)), tenant: owner)
            _ = try await store.start(sampleStep(run: id, startedAt: time(began + 1)), tenant: owner)
            _ = try await store.complete(RunID(id), with: sampleCompletion(), tenant: owner)
            if !unlearned.contains(id) {
                _ = try await store.learned([sampleLesson()], from: RunID(id), tenant: owner)
            }
        }
    }

    private func steps(_ store: SQLStore, _ id: String, _ owner: TenantID = tenant) async throws -> Int? {
        try await store.run(RunID(id), tenant: owner)?.steps.count
    }

    @Test("Steps of old runs are let go in small portions, runs and lessons stay", arguments: StoreBackend.all)
    func retention(_ backend: StoreBackend) async throws {
        try await backend.withStore { store async throws in
            let ids = (0..<5).map { "r\($0)" }
            for owner in [tenant, otherTenant] { try await fill(store, ids, tenant: owner) }
            // The first three began before 300 s.
            let first = try await store.pruneSteps(ofRunsBefore: time(300), limit: 2, tenant: tenant)
            #expect(first == PrunedSteps(runs: 2, steps: 2, isDone: false))
            let second = try await store.pruneSteps(ofRunsBefore: time(300), limit: 2, tenant: tenant)
            #expect(second == PrunedSteps(runs: 1, steps: 1, isDone: true))
            #expect(try await store.pruneSteps(ofRunsBefore: time(300), limit: 2, tenant: tenant).runs == 0)
            for (place, id) in ids.enumerated() {
                #expect(try await steps(store, id) == (place < 3 ? 0 : 1))
                #expect(try await steps(store, id, otherTenant) == 1)
            }
            #expect(try await store.lessons(after: 0, limit: 10, tenant: tenant).count == 5)
            // Later they are old as well.
            #expect(try await store.pruneSteps(ofRunsBefore: time(1000), limit: 9, tenant: tenant).steps == 2)
        }
    }

    @Test("What was not learned from yet is kept, and a run that never ended is not", arguments: StoreBackend.all)
    func retentionOfUnlearned(_ backend: StoreBackend) async throws {
        try await backend.withStore { store async throws in
            _ = try await store.start(sampleRun("open", startedAt: time(0)), tenant: tenant)
            _ = try await store.start(sampleStep(run: "open"), tenant: tenant)
            try await fill(store, ["r0", "r1"], unlearned: ["r0"], tenant: tenant)
            #expect(try await store.pruneSteps(ofRunsBefore: time(1000), limit: 9, tenant: tenant).runs == 1)
            #expect(try await steps(store, "open") == 0)
            for id in ["r0", "r1"] { #expect(try await steps(store, id) == 1) }
            _ = try await store.learned([], from: RunID("r0"), tenant: tenant)
            #expect(try await store.pruneSteps(ofRunsBefore: time(1000), limit: 9, tenant: tenant).runs == 2)
        }
    }

    @Test("A tenant that has nothing has nothing to let go", arguments: StoreBackend.all)
    func retentionOfNothing(_ backend: StoreBackend) async throws {
        try await backend.withStore { store async throws in
            #expect(
                try await store.pruneSteps(ofRunsBefore: time(0), limit: 9, tenant: tenant)
                    == PrunedSteps(runs: 0, steps: 0, isDone: true))
        }
    }
}
