import Foundation
import Scaffolding

/// One kind of harm, and what becomes of the writes.
public struct Scenario: Sendable {
    public let name: String
    /// What happens, in one sentence.
    public let summary: String
    private let body: @Sendable (Room) throws -> Trial.Outcome

    public init(_ name: String, _ summary: String, _ body: @escaping @Sendable (Room) throws -> Trial.Outcome) {
        self.name = name
        self.summary = summary
        self.body = body
    }

    /// What a scenario needs is missing here.
    public struct Skipped: Error, CustomStringConvertible {
        public var description: String

        public init(_ reason: String) { description = reason }
    }

    /// - Parameters:
    ///   - program: `inframind-server`.
    ///   - keepsFolder: leaves data and logs for a look at them.
    /// - Throws: ``Skipped``; what keeps the scenario from being played at all.
    public func run(program: URL, keepsFolder: Bool = false) throws -> Trial.Outcome {
        let room = try Room(program: program)
        defer { if !keepsFolder { try? FileManager.default.removeItem(at: room.folder) } }
        return try body(room)
    }

    /// The ones that take seconds.
    public static let quick = [serverKilledOnSQLite, serverKilledOnPostgreSQL, postgreSQLKilled]
}

/// Where a scenario is played: a folder, and how to start what is needed.
public struct Room {
    public let program: URL
    public let folder: URL

    init(program: URL) throws {
        self.program = program
        folder = FileManager.default.temporaryDirectory.appending(path: "inframind-faults-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// A server of the embedded database.
    ///
    /// - Parameter data: its folder; one of the room where it is `nil`.
    public func embedded(
        data: URL? = nil, environment: [String: String] = [:]
    ) throws -> (server: ServerProcess, tables: StoredTables) {
        let data = data ?? folder.appending(path: "data")
        let server = try server(["--data", data.path], environment: environment)
        return (server, .sqlite(path: data.appending(path: "inframind.db").path))
    }

    public func server(
        _ arguments: [String], name: String = "server", environment: [String: String] = [:]
    ) throws -> ServerProcess {
        try ServerProcess(
            program: program, arguments: arguments + ["--log-level", "warning"],
            log: folder.appending(path: "\(name).log"), environment: environment)
    }

    /// A cluster that waits for the disk, as a real installation does.
    public func cluster(in folder: URL? = nil) throws -> PostgreSQLCluster {
        if let reason = PostgreSQLCluster.reasonToSkip { throw Scenario.Skipped(reason) }
        return try PostgreSQLCluster(isDurable: true, in: folder?.path)
    }

    /// A server on a cluster of its own.
    public func onPostgreSQL(_ cluster: PostgreSQLCluster) throws -> (server: ServerProcess, tables: StoredTables) {
        (try server(["--database-url", cluster.url]), .postgreSQL(url: cluster.url))
    }
}
