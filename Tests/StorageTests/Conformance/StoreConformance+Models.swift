import Builds
import Storage
import Testing

extension StoreConformance {
    @Test("A model comes back with its bytes, in listings without them, newest first", arguments: StoreBackend.all)
    func modelRoundTrip(_ backend: StoreBackend) async throws {
        try await backend.withStore { store in
            for version in ["v2", "v10", "v1"] { try await store.save(sampleModel(version), tenant: tenant) }
            #expect(try await store.model("v10", tenant: tenant) == sampleModel("v10"))
            #expect(try await store.model("v3", tenant: tenant) == nil)
            #expect(
                try await store.models(tenant: tenant)
                    == [sampleModel("v1", bytes: []), sampleModel("v10", bytes: []), sampleModel("v2", bytes: [])])
        }
    }

    @Test("At most one model is in force, and it may be none", arguments: StoreBackend.all)
    func activation(_ backend: StoreBackend) async throws {
        try await backend.withStore { store in
            var eager = sampleModel("v1")
            eager.isActive = true
            try await store.save(sampleModel("v2"), tenant: tenant)
            #expect(try await store.activeModel(tenant: tenant) == nil)
            try await store.save(eager, tenant: tenant)
            #expect(try await store.activeModel(tenant: tenant)?.version == "v1")

            for version in ["v1", "v2", "v2"] {
                try await store.activateModel(version, tenant: tenant)
                #expect(try await store.activeModel(tenant: tenant)?.version == version)
                #expect(try await store.models(tenant: tenant).filter(\.isActive).map(\.version) == [version])
            }
            await #expect(throws: StoreError.unknownModel("v3")) {
                try await store.activateModel("v3", tenant: tenant)
            }
            #expect(try await store.activeModel(tenant: tenant)?.version == "v2")
            // Kept again, it does not undo what was chosen since.
            try await store.save(eager, tenant: tenant)
            #expect(try await store.activeModel(tenant: tenant)?.version == "v2")
            try await store.activateModel(nil, tenant: tenant)
            #expect(try await store.activeModel(tenant: tenant) == nil)
        }
    }

    @Test("A version names one model for good", arguments: StoreBackend.all)
    func modelConflict(_ backend: StoreBackend) async throws {
        try await backend.withStore { store in
            try await store.save(sampleModel(), tenant: tenant)
            try await store.activateModel("v1", tenant: tenant)
            try await store.save(sampleModel(), tenant: tenant)
            await #expect(throws: StoreError.conflict("Model version 'v1' was already kept with other content.")) {
                try await store.save(sampleModel(bytes: [1]), tenant: tenant)
            }
            #expect(try await store.activeModel(tenant: tenant)?.bytes == sampleModel().bytes)
        }
    }
}
