/// One step of the schema's history. Numbers begin at 1 and have no gaps; a published migration never changes.
struct Migration: Hashable, Sendable {
    let number: Int64
    let name: String
    /// One or more statements.
    let script: String
}

extension SQLSession {
    /// Creates the table of applied migrations where it is missing, and returns the newest number; 0 for a new database.
    ///
    /// - Throws: ``StoreError/newerSchema(_:)`` when that number is not in `migrations`.
    func schemaNumber(knowing migrations: [Migration]) throws -> Int64 {
        try executeScript(
            "CREATE TABLE IF NOT EXISTS schema_migrations (number BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL)")
        let number = try firstRow("SELECT COALESCE(MAX(number), 0) FROM schema_migrations", [])?.integer(0) ?? 0
        let known = migrations.last?.number ?? 0
        guard number <= known else {
            throw StoreError.newerSchema(
                "The database has schema \(number); this version knows schemas up to \(known). "
                    + "Start the version that wrote it, or a newer one.")
        }
        return number
    }

    /// Applies `migration`. The caller wraps each one in a transaction of its own.
    func apply(_ migration: Migration) throws {
        try executeScript(migration.script)
        try execute(
            "INSERT INTO schema_migrations (number, name) VALUES ($1, $2)",
            [.integer(migration.number), .text(migration.name)])
    }
}
