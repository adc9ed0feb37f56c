import Builds
import Testing

@testable import Storage

extension StoreConformance {
    private func sampleToken(_ id: String = "tok_1", expiresAt: Timestamp? = nil, owner: TenantID = tenant)
        -> StoredToken
    {
        StoredToken(
            id: id, tenant: owner, name: "ci", scopes: [.ingest, .read], createdAt: time(0), expiresAt: expiresAt)
    }

    private func digest(_ byte: UInt8) -> [UInt8] { Array(repeating: byte, count: 32) }

    private func entry(_ action: String, at seconds: Double = 1) -> AuditEntry {
        AuditEntry(at: time(seconds), actor: "configured", action: action, subject: "tok_1")
    }

    @Test("A token is found by its digest whosever it is, and listed for its tenant alone", arguments: StoreBackend.all)
    func tokens(_ backend: StoreBackend) async throws {
        try await backend.withStore { store async throws in
            try await store.create(sampleToken(expiresAt: time(9)), digest: digest(1), audit: entry("token.create"))
            try await store.create(
                sampleToken(owner: otherTenant), digest: digest(2), audit: entry("token.create"))
            #expect(try await store.token(digest: digest(1)) == sampleToken(expiresAt: time(9)))
            #expect(try await store.token(digest: digest(2))?.tenant == otherTenant)
            #expect(try await store.token(digest: digest(3)) == nil)
            #expect(try await store.tokens(tenant: tenant) == [sampleToken(expiresAt: time(9))])
            #expect(try await store.auditLog(before: nil, limit: 10, tenant: tenant).map(\.number) == [1])
        }
    }

    @Test("Neither an id nor a digest is given twice, and a refusal leaves no record", arguments: StoreBackend.all)
    func tokenConflicts(_ backend: StoreBackend) async throws {
        try await backend.withStore { store async throws in
            try await store.create(sampleToken(), digest: digest(1), audit: entry("token.create"))
            for (id, byte) in [("tok_1", 2), ("tok_2", 1)] as [(String, UInt8)] {
                await #expect(throws: StoreError.self) {
                    try await store.create(sampleToken(id), digest: digest(byte), audit: entry("token.create"))
                }
            }
            #expect(try await store.auditLog(before: nil, limit: 10, tenant: tenant).count == 1)
        }
    }

    @Test(
        "Rotating ends the old token after the overlap, and never later than it ends anyway",
        arguments: StoreBackend.all)
    func rotation(_ backend: StoreBackend) async throws {
        try await backend.withStore { store async throws in
            try await store.create(sampleToken(expiresAt: time(100)), digest: digest(1), audit: entry("token.create"))
            try await store.rotate(
                "tok_1", to: sampleToken("tok_2"), digest: digest(2), oldEndsAt: time(50), audit: entry("token.rotate"))
            #expect(try await store.tokens(tenant: tenant).map(\.expiresAt) == [time(50), nil])
            try await store.rotate(
                "tok_1", to: sampleToken("tok_3"), digest: digest(3), oldEndsAt: time(70), audit: entry("token.rotate"))
            #expect(try await store.token(digest: digest(1))?.expiresAt == time(50))
            await #expect(throws: StoreError.self) {
                try await store.rotate(
                    "tok_1", to: sampleToken("tok_4"), digest: digest(4), oldEndsAt: time(80),
                    audit: entry("token.rotate", at: 60))
            }
            await #expect(throws: StoreError.unknownToken("tok_1")) {
                try await store.rotate(
                    "tok_1", to: sampleToken("tok_5", owner: otherTenant), digest: digest(5), oldEndsAt: time(80),
                    audit: entry("token.rotate"))
            }
            #expect(try await store.tokens(tenant: otherTenant) == [])
        }
    }

    @Test("Revoking is recorded once, and reaches no other tenant", arguments: StoreBackend.all)
    func revocation(_ backend: StoreBackend) async throws {
        try await backend.withStore { store async throws in
            try await store.create(sampleToken(), digest: digest(1), audit: entry("token.create"))
            await #expect(throws: StoreError.unknownToken("tok_1")) {
                try await store.revokeToken("tok_1", audit: entry("token.revoke"), tenant: otherTenant)
            }
            for seconds in [5, 6.0] {
                try await store.revokeToken("tok_1", audit: entry("token.revoke", at: seconds), tenant: tenant)
            }
            #expect(try await store.token(digest: digest(1))?.revokedAt == time(5))
            #expect(
                try await store.auditLog(before: nil, limit: 10, tenant: tenant).map(\.action)
                    == ["token.revoke", "token.create"])
            #expect(try await store.auditLog(before: 2, limit: 10, tenant: tenant).map(\.number) == [1])
        }
    }
}
