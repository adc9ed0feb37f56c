import Foundation
import Scaffolding
import Synchronization
import Testing

@testable import Storage

/// A database the conformance suite runs against. A new driver is one more row in ``all``.
struct StoreBackend: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// Opens the store that lives in a folder, made the first time.
    fileprivate var opening: @Sendable (_ folder: String, SchemaPolicy, [Migration]) async throws -> SQLStore

    static let sqlite = StoreBackend(testDescription: "SQLite") { folder, schema, migrations in
        try await SQLStore(
            SQLiteDatabase(path: folder + "/inframind.sqlite"), schema: schema, migrations: migrations)
    }

    static let postgreSQL = StoreBackend(testDescription: "PostgreSQL") { folder, schema, migrations in
        try await PostgreSQLSchema(of: folder).openStore(schema: schema, migrations: migrations)
    }

    /// The tenant most tests are about lives on another node; every other tenant here.
    static let sharded = StoreBackend(testDescription: "PostgreSQL over two nodes") {
        try await ShardedSchema(of: $0, away: tenant).openStore(schema: $1, migrations: $2)
    }

    static let all = PostgreSQLCluster.reasonToSkip == nil ? [sqlite, postgreSQL, sharded] : [sqlite]

    /// From one to another: between any two of one node, and into and out of two nodes.
    static let pairs = all.flatMap { from in all.map { (from, $0) } }.filter { from, to in
        let names = [from, to].map(\.testDescription)
        return !names.contains(sharded.testDescription) || names.contains(sqlite.testDescription)
    }

    func open(
        _ folder: String, schema: SchemaPolicy = .upgrade, migrations: [Migration] = Migration.all
    ) async throws -> SQLStore {
        try await opening(folder, schema, migrations)
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
struct PostgreSQLSchema: Sendable {
    let name: String
    /// The database with this schema in front.
    let url: String

    /// The schema that belongs to `folder`, made the first time.
    init(of folder: String, in cluster: PostgreSQLCluster? = nil) throws {
        let cluster = try cluster ?? PostgreSQLCluster.shared()
        let name = "s_" + folder.suffix(36).lowercased().filter { $0.isLetter || $0.isNumber }
        self.name = name
        url = cluster.url + "?options=-csearch_path%3D\(name)"
        // One after the other: of two that make the same schema at once PostgreSQL refuses one, in spite of IF NOT EXISTS.
        try Self.makers.withLock { makers in
            let maker = try makers[cluster.url] ?? PostgreSQLConnection(url: cluster.url, limits: PostgreSQLLimits())
            makers[cluster.url] = maker
            try maker.runScript("CREATE SCHEMA IF NOT EXISTS \(name)")
        }
    }

    /// By the URL of their cluster: connecting takes longer than all else.
    private static let makers = Mutex<[String: PostgreSQLConnection]>([:])

    static func url(_ folder: String) throws -> String { try PostgreSQLSchema(of: folder).url }

    func openStore(schema: SchemaPolicy, migrations: [Migration]) async throws -> SQLStore {
        // Some hundred stores share the cluster at once: each with fewer connections than a server has.
        var limits = PostgreSQLLimits()
        limits.readers = 2
        return try await SQLStore(
            PostgreSQLDatabase(.url(url), limits: limits), schema: schema, migrations: migrations)
    }
}

/// Lends `body` the path of an empty folder and removes it afterwards.
func withTemporaryFolder(_ body: (String) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "inframind-storage-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await body(folder.path)
}
