import Foundation
import Scaffolding
import Testing

@testable import Storage

/// Citus is not at hand, so functions stand in for its own that refuse what its documentation says it refuses.
@Suite(
    "The placement of tables on Citus",
    .enabled(if: PostgreSQLCluster.reasonToSkip == nil, "PostgreSQL is not installed; run scripts/setup."))
struct CitusScriptTests {
    private static let script: String = {
        let root = (1...4).reduce(URL(filePath: #filePath)) { url, _ in url.deletingLastPathComponent() }
        return (try? String(contentsOf: root.appending(path: "deploy/sql/citus.sql"), encoding: .utf8)) ?? ""
    }()

    /// Partition methods are Citus' own: `h` by hash, `n` for a reference table.
    private static let standIns = """
        CREATE TABLE pg_dist_partition (logicalrelid REGCLASS PRIMARY KEY, partmethod TEXT NOT NULL);

        CREATE FUNCTION create_distributed_table(
            table_name REGCLASS, distribution_column TEXT, colocate_with TEXT DEFAULT 'default') RETURNS VOID
        LANGUAGE plpgsql AS $$
        DECLARE
            place SMALLINT;
        BEGIN
            SELECT attnum INTO STRICT place FROM pg_attribute
                WHERE attrelid = table_name AND attname = distribution_column;
            IF EXISTS (SELECT FROM pg_index WHERE indrelid = table_name AND indisunique AND NOT place = ANY (indkey)) THEN
                RAISE EXCEPTION '% has a unique index without %', table_name, distribution_column;
            END IF;
            IF EXISTS (SELECT FROM pg_constraint WHERE conrelid = table_name AND contype = 'f' AND (NOT place = ANY (conkey)
                OR confrelid NOT IN (SELECT logicalrelid FROM pg_dist_partition))) THEN
                RAISE EXCEPTION '% refers to a table that is not distributed, or not by %', table_name, distribution_column;
            END IF;
            INSERT INTO pg_dist_partition VALUES (table_name, 'h');
        END $$;

        CREATE FUNCTION create_reference_table(table_name REGCLASS) RETURNS VOID LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (SELECT FROM pg_constraint WHERE conrelid = table_name AND contype = 'f') THEN
                RAISE EXCEPTION '% is to be a reference table and refers to another', table_name;
            END IF;
            INSERT INTO pg_dist_partition VALUES (table_name, 'n');
        END $$;
        """

    @Test("Every table has a place that Citus allows, and placing again changes nothing")
    func placement() async throws {
        try await withTemporaryFolder { folder in
            let schema = try PostgreSQLSchema(of: folder)
            try await schema.openStore(schema: .upgrade, migrations: Migration.all).close()
            let connection = try PostgreSQLConnection(url: schema.url, limits: PostgreSQLLimits())
            try connection.runScript(Self.standIns)
            for _ in 1...2 { try connection.runScript(Self.script) }
            let placed = try connection.run("SELECT logicalrelid::text, partmethod FROM pg_dist_partition", []).rows
            let methods = try Dictionary(uniqueKeysWithValues: placed.map { (try $0.text(0), try $0.text(1)) })
            var expected = Dictionary(uniqueKeysWithValues: CopiedTable.all.map { ($0.name, "h") })
            expected["access_tokens"] = "n"
            #expect(methods == expected)
        }
    }

    @Test("What stands in for Citus refuses a unique index without the tenant, and a table before what it refers to")
    func standIn() async throws {
        try await withTemporaryFolder { folder in
            let schema = try PostgreSQLSchema(of: folder)
            try await schema.openStore(schema: .upgrade, migrations: Migration.all).close()
            let connection = try PostgreSQLConnection(url: schema.url, limits: PostgreSQLLimits())
            try connection.runScript(Self.standIns)
            for table in ["access_tokens", "runs"] {
                #expect(throws: PostgreSQLFailure.self) {
                    try connection.runScript("SELECT create_distributed_table('\(table)', 'tenant_id')")
                }
            }
        }
    }
}
