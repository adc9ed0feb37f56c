import Foundation
import Scaffolding
import Testing

@testable import Storage

/// A database the conformance suite runs against. A new driver is one more row in ``all``.
struct StoreBackend: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// The database that lives in a folder, made the first time.
    fileprivate var database: @Sendable (_ folder: String) async throws -> any SQLDatabase

    static let sqlite = StoreBackend(testDescription: "SQLite") {
        try await SQLiteDatabase(path: $0 + "/inframind.sqlite")
    }

    static let postgreSQL = StoreBackend(testDescription: "PostgreSQL") {
        // Some hundred stores share the cluster at once: each with fewer connections than a server has.
        var limits = PostgreSQLLimits()
        limits.readers = 2
        return try PostgreSQLDatabase(url: PostgreSQLSchema.url($0), limits: limits)
    }

    static let all = PostgreSQLCluster.reasonToSkip == nil ? [sqlite, postgreSQL] : [sqlite]

    /// Opens the store that lives in a folder.
    func open(
        _ folder: String, schema: SchemaPolicy = .upgrade, migrations: [Migration] = Migration.all
    ) async throws -> SQLStore {
        try await SQLStore(database(folder), schema: schema, migrations: migrations)
    }

    /// Lends `body` an empty store and removes it afterwards.
    func withStore(_ body: (SQLStore) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let store = try await open(folder)
            do {
                try await body(store)
            } catch {
                try? await store.close()
                throw error
            }
            try await store.close()
        }
    }
}

/// Many empty databases in one cluster: a schema each, which is made in milliseconds.
enum PostgreSQLSchema {
    /// The URL of the schema that belongs to `folder`, made the first time.
    static func url(_ folder: String) throws -> String {
        let cluster = try PostgreSQLCluster.shared()
        let name = "s_" + String(folder.suffix(36)).lowercased().filter { $0.isLetter || $0.isNumber }
        let connection = try PostgreSQLConnection(url: cluster.url, limits: PostgreSQLLimits())
        try connection.runScript("CREATE SCHEMA IF NOT EXISTS \(name)")
        return cluster.url + "?options=-csearch_path%3D\(name)"
    }
}

/// Lends `body` the path of an empty folder and removes it afterwards.
func withTemporaryFolder(_ body: (String) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "inframind-storage-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await body(folder.path)
}
