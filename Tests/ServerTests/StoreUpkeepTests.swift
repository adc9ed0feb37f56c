import Builds
import Foundation
import Scaffolding
import Storage
import Synchronization
import Testing

@testable import Server

/// `inframind-server migrate|backup|restore|copy`, as they are called.
@Suite("Upkeep of the database")
struct StoreUpkeepTests {
    private let run = Run(
        id: RunID("r1"), pipeline: "app", branch: "main", commit: "4f2a9c1", image: "gcc:13",
        startedAt: Timestamp(seconds: 1_700_000_000))

    /// A folder with a database that holds one run, and calls of the program.
    private func withDatabase(_ body: (_ folder: String, _ database: DatabaseLocation) async throws -> Void)
        async throws
    {
        let temporary = try TemporaryFolder()
        defer { withExtendedLifetime(temporary) {} }
        let folder = temporary.path
        let database = DatabaseLocation.sqlite(path: folder + "/inframind.db")
        let store = try await database.open()
        _ = try await store.start(run, tenant: .default)
        try await store.close()
        try await body(folder, database)
    }

    private func call(_ arguments: String...) async -> Int32 {
        await Server.run(arguments: arguments, environment: [:])
    }

    private func runs(_ database: DatabaseLocation) async throws -> [Run] {
        let store = try await database.open()
        let runs = try await store.runs(of: "app", before: nil, limit: 10, tenant: .default).map(\.run)
        try await store.close()
        return runs
    }

    @Test("A backup is one file, and restores into an empty database")
    func backupAndRestore() async throws {
        try await withDatabase { folder, _ in
            #expect(await call("backup", "--data", folder, "--to", folder + "/monday.db") == 0)
            let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix("monday") }
            #expect(files == ["monday.db"])
            let mode =
                try FileManager.default.attributesOfItem(atPath: folder + "/monday.db")[.posixPermissions] as? Int
            #expect(mode == 0o600)
            let before = try Data(contentsOf: URL(filePath: folder + "/monday.db"))

            #expect(await call("restore", "--from", folder + "/monday.db", "--data", folder + "/new") == 0)
            #expect(try await runs(.sqlite(path: folder + "/new/inframind.db")) == [run])
            #expect(try Data(contentsOf: URL(filePath: folder + "/monday.db")) == before)
        }
    }

    @Test("Into a folder, backups are named after the time, and only the newest of our own stay")
    func folder() async throws {
        try await withDatabase { folder, database in
            let place = folder + "/backups"
            try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
            try Data().write(to: URL(filePath: place + "/inframind-before-upgrade.db"))
            let upkeep = StoreUpkeep(database: database, say: { _ in })
            let backups = try BackupFolder(path: place, keep: "2")
            for seconds in [1_700_000_000, 1_800_000_000, 1_900_000_000.25] {
                try await backups.write(from: database, upkeep, at: Timestamp(seconds: seconds))
            }
            let files = try FileManager.default.contentsOfDirectory(atPath: place).sorted()
            #expect(
                files == [
                    "inframind-20270115T080000Z.db", "inframind-20300317T174640Z.db", "inframind-before-upgrade.db",
                ])
            #expect(try await runs(.sqlite(path: place + "/inframind-20300317T174640Z.db")) == [run])
            // Called as the CronJob does.
            #expect(await call("backup", "--data", folder, "--to=\(place)", "--keep=1") == 0)
            // Looking into one above may have left its log beside it.
            let left = try FileManager.default.contentsOfDirectory(atPath: place).filter { $0.hasSuffix(".db") }
            #expect(left.sorted() == ["inframind-20300317T174640Z.db", "inframind-before-upgrade.db"])
        }
    }

    @Test("A database is backed up while a server writes to it")
    func backupWhileServing() async throws {
        try await withDatabase { folder, database in
            let server = try await database.open()
            #expect(await call("backup", "--data", folder, "--to", folder + "/copy.db") == 0)
            var later = run
            later.id = RunID("r2")
            _ = try await server.start(later, tenant: .default)
            try await server.close()
            #expect(try await runs(.sqlite(path: folder + "/copy.db")) == [run])
        }
    }

    @Test(
        "A grown installation moves to PostgreSQL and back without loss",
        .enabled(if: PostgreSQLCluster.reasonToSkip == nil))
    func copyToPostgreSQL() async throws {
        try await withDatabase { folder, database in
            let cluster = try PostgreSQLCluster()
            defer { cluster.stop() }
            let path = "sqlite:" + folder + "/inframind.db"
            #expect(await call("copy", "--from", path, "--to", cluster.url) == 0)
            #expect(try await runs(.postgreSQL(url: cluster.url)) == [run])
            #expect(await call("copy", "--from", cluster.url, "--to", "sqlite:" + folder + "/back.db") == 0)
            #expect(try await runs(.sqlite(path: folder + "/back.db")) == [run])
        }
    }

    /// Calls that must do nothing, with their exit status.
    struct Refusal: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var arguments: @Sendable (_ folder: String) -> [String]
        var status: Int32

        static let all = [
            Refusal(
                testDescription: "a backup over a file that is there",
                arguments: { ["backup", "--data", $0, "--to", $0 + "/inframind.db"] }, status: 1),
            Refusal(
                testDescription: "a backup of no database",
                arguments: { ["backup", "--data", $0 + "/none", "--to", $0 + "/copy.db"] }, status: 1),
            Refusal(
                testDescription: "a restore of no file",
                arguments: { ["restore", "--from", $0 + "/none.db", "--data", $0 + "/new"] }, status: 1),
            Refusal(
                testDescription: "a restore into a database that holds something",
                arguments: { ["restore", "--from", $0 + "/inframind.db", "--data", $0] }, status: 1),
            Refusal(
                testDescription: "a copy onto itself",
                arguments: { ["copy", "--from", "sqlite:\($0)/inframind.db", "--to", "sqlite:\($0)/inframind.db"] },
                status: 1),
            Refusal(
                testDescription: "a backup that keeps others, but into no folder",
                arguments: { ["backup", "--data", $0, "--to", $0 + "/copy.db", "--keep", "3"] }, status: 2),
            Refusal(
                testDescription: "a backup that keeps none",
                arguments: { ["backup", "--data", $0, "--to", $0, "--keep", "0"] }, status: 2),
            Refusal(testDescription: "a backup to nowhere", arguments: { ["backup", "--data", $0] }, status: 2),
            Refusal(
                testDescription: "a copy to something else than a database",
                arguments: { ["copy", "--from", "sqlite:\($0)/inframind.db", "--to", "mysql://x"] }, status: 2),
        ]
    }

    @Test("What cannot be done is refused with an exit status, and changes nothing", arguments: Refusal.all)
    func refusals(_ refusal: Refusal) async throws {
        try await withDatabase { folder, database in
            #expect(await Server.run(arguments: refusal.arguments(folder), environment: [:]) == refusal.status)
            #expect(try await runs(database) == [run])
            let left = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(left.allSatisfy { $0.hasPrefix("inframind.db") || $0 == "new" || $0 == "none" })
        }
    }

    @Test("Migrating says what was applied, and the second time that there was nothing to do")
    func migrate() async throws {
        let temporary = try TemporaryFolder()
        defer { withExtendedLifetime(temporary) {} }
        let folder = temporary.path
        let said = Mutex<[String]>([])
        let upkeep = StoreUpkeep(
            database: .sqlite(path: folder + "/inframind.db"), say: { line in said.withLock { $0.append(line) } })
        try await upkeep.migrate()
        #expect(said.withLock { $0.first } == "applied 1 runs, recommendations, lessons, models")
        try await upkeep.migrate()
        #expect(said.withLock { $0.last } == "\(folder)/inframind.db is up to date")
    }
}
