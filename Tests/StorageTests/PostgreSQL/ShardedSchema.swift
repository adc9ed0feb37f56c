import Builds
import Scaffolding

@testable import Storage

/// One database over two nodes: one tenant's rows live on the other node, everyone else's here.
///
/// Each node has the product's own tables, made by its migrations, with their keys, indexes and foreign keys: a tenant's
/// rows refer only to rows of the same tenant, so they are always on the same node. The store works in a schema whose
/// tables are partitioned by `tenant_id` and hold nothing: one partition is the table here, the other a foreign table that
/// stands for the one over there. PostgreSQL allows no unique index on such a table, so `ON CONFLICT` may name no columns.
struct ShardedSchema: Sendable {
    /// What the store sees.
    let joined: PostgreSQLSchema
    /// The tables of the other node, as a server there would see them.
    let away: PostgreSQLSchema
    /// The tables of this node: a schema beside ``joined``.
    var here: String { joined.name + "_here" }
    private let tenantAway: TenantID

    /// The schema that belongs to `folder`, made the first time.
    ///
    /// - Parameter tenant: who lives on the other node.
    init(of folder: String, away tenant: TenantID) throws {
        away = try PostgreSQLSchema(of: folder, in: OtherNode.cluster())
        joined = try PostgreSQLSchema(of: folder)
        tenantAway = tenant
    }

    /// Brings the other node up to date, then this one.
    func openStore(schema: SchemaPolicy, migrations: [Migration]) async throws -> SQLStore {
        try await away.openStore(schema: schema, migrations: migrations).close()
        return try await joined.openStore(
            schema: schema,
            migrations: migrations.map { migration in
                let script = [
                    takeApart, "SET LOCAL search_path = \(here)", migration.script,
                    "SET LOCAL search_path = \(joined.name)", migration == migrations.last ? join : "SELECT 1",
                ]
                return Migration(
                    number: migration.number, name: migration.name, script: script.joined(separator: ";\n"))
            })
    }

    /// A table that is a partition takes no new column.
    private var takeApart: String {
        """
        CREATE SCHEMA IF NOT EXISTS \(here);
        \(forEachTable(in: joined.name, """
            EXECUTE format('ALTER TABLE \(joined.name).%1$I DETACH PARTITION \(here).%1$I', part);
            EXECUTE format('DROP TABLE \(joined.name).%I', part);
            """))
        """
    }

    private var join: String {
        forEachTable(
            in: here,
            """
            EXECUTE format('CREATE TABLE \(joined.name).%1$I (LIKE \(here).%1$I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)
                PARTITION BY LIST (tenant_id)', part);
            EXECUTE format('ALTER TABLE \(joined.name).%1$I ATTACH PARTITION \(here).%1$I DEFAULT', part);
            EXECUTE format('CREATE FOREIGN TABLE \(joined.name).%2$I PARTITION OF \(joined.name).%1$I
                FOR VALUES IN (''\(tenantAway.rawValue)'') SERVER \(OtherNode.server)
                OPTIONS (schema_name ''\(away.name)'', table_name %1$L)', part, part || '_away');
            """)
    }

    /// Does `statements` for each table that `schema` has, as `part`. The tables are named, not looked up: the catalogue of
    /// a database with hundreds of schemas is slow to search.
    private func forEachTable(in schema: String, _ statements: String) -> String {
        """
        DO $loop$
        DECLARE
            part TEXT;
        BEGIN
            FOREACH part IN ARRAY ARRAY['\(CopiedTable.all.map(\.name).joined(separator: "', '"))'] LOOP
                CONTINUE WHEN to_regclass(format('\(schema).%I', part)) IS NULL;
                \(statements)
            END LOOP;
        END $loop$
        """
    }
}
