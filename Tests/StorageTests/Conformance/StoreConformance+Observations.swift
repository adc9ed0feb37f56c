import Builds
import Testing

@testable import Storage

extension StoreConformance {
    @Test("Of what is observed of a step the newest is kept, and the final word is final", arguments: StoreBackend.all)
    func observations(_ backend: StoreBackend) async throws {
        try await backend.withStore { store async throws in
            for owner in [tenant, otherTenant] { _ = try await store.start(sampleRun(), tenant: owner) }
            let told: [(StepObservation, WriteResult)] = [
                (sampleObservation(5), .written), (sampleObservation(5), .unchanged),
                (sampleObservation(4), .unchanged),
                (sampleObservation(6), .written), (sampleObservation(3, isFinal: true), .written),
                (sampleObservation(7), .unchanged), (sampleObservation(3, isFinal: true), .unchanged),
                (sampleObservation(8, isFinal: true), .written), (sampleObservation(2, span: "s0"), .written),
            ]
            for (observation, result) in told {
                #expect(try await store.observe(observation, tenant: tenant) == result)
            }
            let expected = [sampleObservation(2, span: "s0"), sampleObservation(8, isFinal: true)]
            #expect(try await store.run(RunID("r1"), tenant: tenant)?.observations == expected)
            #expect(
                try await store.runs(of: "app", before: nil, limit: 5, tenant: tenant).first?.observations == expected)
            #expect(try await store.run(RunID("r1"), tenant: otherTenant)?.observations == [])
            _ = try await store.complete(RunID("r1"), with: sampleCompletion(), tenant: tenant)
            #expect(try await store.unlearnedRuns(limit: 5, tenant: tenant).first?.observations == expected)
        }
    }

    @Test("A run nobody started has nothing to observe", arguments: StoreBackend.all)
    func observationOfUnknownRun(_ backend: StoreBackend) async throws {
        try await backend.withStore { store async throws in
            _ = try await store.start(sampleRun("r1"), tenant: otherTenant)
            await #expect(throws: StoreError.unknownRun("r1")) {
                try await store.observe(sampleObservation(1), tenant: tenant)
            }
            let results = try await store.write(
                [.observe(sampleObservation(1)), .startRun(sampleRun()), .observe(sampleObservation(2))], tenant: tenant
            )
            #expect(results == [.failure(.unknownRun("r1")), .success(.written), .success(.written)])
        }
    }

    @Test("What was observed goes with the steps", arguments: StoreBackend.all)
    func retentionOfObservations(_ backend: StoreBackend) async throws {
        try await backend.withStore { store async throws in
            _ = try await store.start(sampleRun(), tenant: tenant)
            _ = try await store.observe(sampleObservation(1, isFinal: true), tenant: tenant)
            try await store.markRetention(at: time(0), tenant: tenant)
            _ = try await store.pruneSteps(recordedBefore: time(1), limit: 9, tenant: tenant)
            #expect(try await store.run(RunID("r1"), tenant: tenant)?.observations == [])
        }
    }
}
