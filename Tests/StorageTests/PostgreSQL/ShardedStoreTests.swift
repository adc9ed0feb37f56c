import Builds
import Foundation
import Scaffolding
import Testing

@testable import Storage

/// What the conformance suite, which runs over two nodes as well, cannot see: where things happen.
@Suite(
    "A store over two nodes",
    .enabled(if: PostgreSQLCluster.reasonToSkip == nil, "PostgreSQL is not installed; run scripts/setup."))
struct ShardedStoreTests {
    /// `acme` lives on the other node, `globex` on this one.
    private func withNodes(_ body: (SQLStore, ShardedSchema) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let nodes = try ShardedSchema(of: folder, away: tenant)
            let store = try await nodes.openStore(schema: .upgrade, migrations: Migration.all)
            try await body(store, nodes)
            try await store.close()
        }
    }

    /// At least one row in every table.
    private func fill(_ store: SQLStore, _ owner: TenantID) async throws {
        try await store.keepCompletedRun("r1", tenant: owner)
        try await store.keepCompletedRun("r2", tenant: owner)
        _ = try await store.observe(sampleObservation(), tenant: owner)
        var killed = sampleLesson()
        killed.outcome.status = .oomKilled
        _ = try await store.learned([killed], usage: sampleUsage(), from: RunID("r1"), tenant: owner)
        try await store.save(
            [StoredEvent(lessonNumber: 1, place: 0, runID: RunID("r1"), pipeline: "app", content: "odd")],
            tenant: owner)
        try await store.save(sampleRecommendation(), ticket: [9], tenant: owner)
        try await store.save(sampleModel(), tenant: owner)
        try await store.activateModel("v1", tenant: owner)
        try await store.markRetention(at: time(0), tenant: owner)
        _ = try await store.save(
            StoredDelivery(destination: "ops", position: 1, dueAt: nil, state: .object(["x": 1])), tenant: owner)
        try await store.create(
            StoredToken(id: "t1", tenant: owner, name: "ci", scopes: [.ingest], createdAt: time(0)),
            digest: Array(repeating: owner == tenant ? 1 : 2, count: 32),
            audit: AuditEntry(at: time(1), actor: "admin", action: "token.create", subject: "t1"))
    }

    /// Who has rows in each table, as a node itself says.
    private func owners(_ url: String, _ schema: String) throws -> [String: [SQLValue]] {
        let connection = try PostgreSQLConnection(url: url, limits: PostgreSQLLimits())
        return try Dictionary(
            uniqueKeysWithValues: CopiedTable.all.map { table in
                let statement = "SELECT DISTINCT tenant_id FROM \(schema).\(table.name) ORDER BY tenant_id"
                return (table.name, try connection.run(statement, []).rows.map { $0.values[0] })
            })
    }

    @Test("A tenant's rows of every table are on its own node and nowhere else")
    func placement() async throws {
        try await withNodes { store, nodes in
            for owner in [tenant, otherTenant] { try await fill(store, owner) }
            for (table, found) in try owners(nodes.away.url, nodes.away.name) {
                #expect(found == [.text(tenant.rawValue)], "of \(table), on the other node")
            }
            for (table, found) in try owners(nodes.joined.url, nodes.here) {
                #expect(found == [.text(otherTenant.rawValue)], "of \(table), on this node")
            }
            for (table, found) in try owners(nodes.joined.url, nodes.joined.name) {
                #expect(found == [tenant, otherTenant].map { .text($0.rawValue) }, "of \(table), over both")
            }
        }
    }

    @Test("Writes of both nodes' tenants share a transaction, and what undoes it undoes it on both nodes")
    func oneTransaction() async throws {
        try await withNodes { store, nodes in
            for owner in [tenant, otherTenant] { _ = try await store.start(sampleRun("known"), tenant: owner) }
            let refusal = StoreError.conflict("Not this one.")
            await #expect(throws: refusal) {
                try await store.write { session in
                    for owner in [tenant, otherTenant] { _ = try session.start(sampleRun("lost"), owner) }
                    throw refusal
                }
            }
            let rows = try ["kept", "known", "more"].flatMap { id in
                try [tenant, otherTenant].map { try RowWrite(starting: sampleRun(id), $0) }
            }
            #expect(try await store.write { try $0.write(.runStart, rows) } == [2, 3])
            for owner in [tenant, otherTenant] {
                let runs = try await store.runs(of: "app", before: nil, limit: 10, tenant: owner)
                #expect(runs.map(\.run.id.rawValue) == ["more", "kept", "known"] && runs.map(\.number) == [3, 2, 1])
            }
        }
    }

    @Test("A statement about a tenant asks the tenant's node and no other")
    func routing() async throws {
        try await withNodes { store, nodes in
            for statement in ShardedStatement.all {
                for (owner, home) in [(tenant, ShardedStatement.Node.away), (otherTenant, .here)] {
                    let asked = try await statement.nodesAsked(store, nodes, owner)
                    #expect(asked == [home], "\(statement) for \(owner)")
                }
            }
        }
    }
}
