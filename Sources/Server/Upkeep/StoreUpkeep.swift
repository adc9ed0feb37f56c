import Foundation
import Storage

/// `migrate`, `backup`, `restore` and `copy`: what is done to a database without serving from it.
///
/// A backup is a SQLite file whatever the database is, so it restores into either kind.
struct StoreUpkeep {
    /// The configured database.
    let database: DatabaseLocation
    /// What was done, one line each.
    var say: @Sendable (String) -> Void = { print($0) }
    /// How far long work has come.
    var progress: @Sendable (String) -> Void = {
        FileHandle.standardError.write(Data("inframind-server: \($0)\n".utf8))
    }

    /// - Throws: ``ConfigurationError``, `StoreError`.
    func migrate() async throws {
        let store = try await database.open()
        for migration in store.appliedMigrations { say("applied \(migration)") }
        if store.appliedMigrations.isEmpty { say("\(database.name) is up to date") }
        try await store.close()
    }

    /// - Parameter schema: what to do when the source was written by an older version.
    /// - Throws: ``UpkeepError``, ``ConfigurationError``, `StoreError`.
    func copy(from source: DatabaseLocation, schema: SchemaPolicy, to target: DatabaseLocation) async throws {
        guard source.mayExist else { throw UpkeepError("there is no database at \(source.name)") }
        if source == target { throw UpkeepError("source and target are the same database") }
        let from = try await source.open(schema: schema)
        do {
            let to = try await target.open()
            do {
                let line = ProgressLine(tell: progress)
                let counts = try await from.copyAll(into: to) { line.show($0) }
                let rows = ["runs", "steps", "recommendations", "lessons", "models"].map { "\(counts[$0] ?? 0) \($0)" }
                say("copied \(rows.joined(separator: ", ")) to \(target.name); every row was read back and compared")
            } catch {
                try? await to.close()
                throw error
            }
            try await to.close()
        } catch {
            try? await from.close()
            throw error
        }
        try await from.close()
    }
}

/// Why nothing was done, in one line.
struct UpkeepError: Error, Hashable, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}
