import Builds
import Testing

@testable import Storage

extension StoreConformance {
    @Test("Migrations are numbered from 1 without gaps")
    func migrationNumbers() {
        #expect(Migration.all.map(\.number) == Array(1...Int64(Migration.all.count)))
    }

    private static let newest = Int64(Migration.all.count)

    @Test(
        "A database of a newer version is refused with a clear sentence, and left as it is", arguments: StoreBackend.all
    )
    func newerSchema(_ backend: StoreBackend) async throws {
        try await withTemporaryFolder { folder in
            let next = Migration(number: Self.newest + 1, name: "later", script: "CREATE TABLE later (x BIGINT)")
            try await backend.open(folder, migrations: Migration.all + [next]).close()
            let sentence =
                "The database has schema \(Self.newest + 1); this version knows schemas up to \(Self.newest). "
                + "Start the version that wrote it, or a newer one."
            await #expect(throws: StoreError.newerSchema(sentence)) { try await backend.open(folder) }
            #expect(StoreError.newerSchema(sentence).description == sentence)
        }
    }

    @Test("A newer version adds its migrations and keeps the rows", arguments: StoreBackend.all)
    func migration(_ backend: StoreBackend) async throws {
        try await withTemporaryFolder { folder in
            let old = try await backend.open(folder)
            _ = try await old.start(sampleRun(), tenant: tenant)
            try await old.close()

            let added = Migration(
                number: Self.newest + 1, name: "later",
                script: "ALTER TABLE runs ADD COLUMN note TEXT; CREATE TABLE later (x BIGINT)")
            for _ in 1...2 {
                let new = try await backend.open(folder, migrations: Migration.all + [added])
                #expect(try await new.run(RunID("r1"), tenant: tenant)?.run == sampleRun())
                let numbers = try await new.read {
                    try $0.rows("SELECT number FROM schema_migrations ORDER BY number", [])
                }
                #expect(try numbers.map { try $0.integer(0) } == Array(1...(Self.newest + 1)))
                try await new.close()
            }
        }
    }

    @Test("A migration that fails changes nothing", arguments: StoreBackend.all)
    func failingMigration(_ backend: StoreBackend) async throws {
        try await withTemporaryFolder { folder in
            let bad = Migration(
                number: Self.newest + 1, name: "bad",
                script: "CREATE TABLE later (x BIGINT); CREATE TABLE runs (x BIGINT)")
            await #expect(throws: StoreError.self) {
                try await backend.open(folder, migrations: Migration.all + [bad])
            }
            let store = try await backend.open(folder)
            await #expect(throws: StoreError.self) { try await store.read { try $0.rows("SELECT x FROM later", []) } }
            #expect(try await store.start(sampleRun(), tenant: tenant) == .written)
            try await store.close()
        }
    }

    @Test("Lessons of an older version are found by what they are about", arguments: StoreBackend.all)
    func olderLessons(_ backend: StoreBackend) async throws {
        try await withTemporaryFolder { folder in
            let old = try await backend.open(folder, migrations: [Migration.all[0]])
            try await old.keepCompletedRun("r1", tenant: tenant)
            try await old.write { session in
                for (number, span) in [(1, "s1"), (2, "run")] {
                    try session.execute(
                        "INSERT INTO lessons (tenant_id, number, run_id, span_id, outcome, ticket) "
                            + "VALUES ($1, $2, 'r1', $3, $4, $5)",
                        [
                            .text(tenant.rawValue), .integer(Int64(number)), .text(span),
                            try StoredJSON.encode(sampleLesson().outcome), .bytes([1]),
                        ])
                }
                try session.execute(
                    "UPDATE tenants SET lesson_count = 2 WHERE tenant_id = $1", [.text(tenant.rawValue)])
            }
            try await old.close()
            let new = try await backend.open(folder)
            let named = StepIdentity(pipeline: sampleRun().pipeline, stage: sampleStep().stage, step: sampleStep().step)
            let whole = StepIdentity(pipeline: sampleRun().pipeline)
            #expect(try await new.lessons(of: named, before: 10, limit: 10, tenant: tenant).map(\.number) == [1])
            #expect(try await new.lessons(of: whole, before: 10, limit: 10, tenant: tenant).map(\.number) == [2])
            #expect(try await new.learningPosition(tenant: tenant).newestLesson == 2)
            try await new.close()
        }
    }
}
