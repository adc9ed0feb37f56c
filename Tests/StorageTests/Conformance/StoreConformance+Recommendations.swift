import Builds
import Storage
import Testing

extension StoreConformance {
    @Test("A recommendation comes back as it was kept", arguments: StoreBackend.all, [[], [0, 1, 255]] as [[UInt8]])
    func recommendationRoundTrip(_ backend: StoreBackend, _ ticket: [UInt8]) async throws {
        try await backend.withStore { store in
            try await store.save(sampleRecommendation(), ticket: ticket, tenant: tenant)
            #expect(
                try await store.recommendation("rec-1", tenant: tenant)
                    == StoredRecommendation(recommendation: sampleRecommendation(), ticket: ticket))
            #expect(try await store.recommendation("rec-2", tenant: tenant) == nil)
        }
    }

    @Test("A recommendation kept twice is one; other content under its id is refused", arguments: StoreBackend.all)
    func recommendationIdempotency(_ backend: StoreBackend) async throws {
        try await backend.withStore { store in
            let refused = StoreError.conflict("Recommendation 'rec-1' was already kept with other content.")
            try await store.save(sampleRecommendation(), ticket: [1], tenant: tenant)
            try await store.save(sampleRecommendation(), ticket: [1], tenant: tenant)
            await #expect(throws: refused) {
                try await store.save(sampleRecommendation(), ticket: [2], tenant: tenant)
            }
            await #expect(throws: refused) {
                try await store.save(sampleRecommendation(pipeline: "lib"), ticket: [1], tenant: tenant)
            }
            #expect(try await store.counts()["recommendations"] == 1)
        }
    }

    @Test("Recommendations come newest first, of one pipeline or of all", arguments: StoreBackend.all)
    func recommendationOrder(_ backend: StoreBackend) async throws {
        try await backend.withStore { store in
            for (id, pipeline) in [("z", "app"), ("b", "lib"), ("a", "app"), ("c", "app")] {
                try await store.save(sampleRecommendation(id, pipeline: pipeline), ticket: [], tenant: tenant)
            }
            func ids(of pipeline: String?, limit: Int) async throws -> [String] {
                try await store.recommendations(of: pipeline, limit: limit, tenant: tenant).map(\.recommendation.id)
            }
            #expect(try await ids(of: nil, limit: 10) == ["c", "a", "b", "z"])
            #expect(try await ids(of: "app", limit: 2) == ["c", "a"])
            #expect(try await ids(of: "none", limit: 2) == [])
        }
    }
}
