import Faults
import Foundation
import Scaffolding

extension Scenario {
    /// Seconds. Longer than the patience of the PostgreSQL driver, and than a refusal asks clients to wait.
    private static let fullSeconds = 12.0

    static let diskFullOnSQLite = Scenario(
        "disk-full-sqlite", "the disk of the embedded database is full for 12 s, then there is room again"
    ) { room in
        let disk = try SmallDisk(at: room.folder.appending(path: "disk"), megabytes: 48)
        defer { disk.unmount() }
        let (server, tables) = try room.embedded(data: disk.folder.appending(path: "data"))
        defer { server.kill() }
        return try Trial().run(on: server, tables: tables) { _ in
            try disk.fill(forSeconds: fullSeconds)
            try disk.free()
        }
    }

    static let diskFullOnPostgreSQL = Scenario(
        "disk-full-postgresql", "PostgreSQL's disk is full for 12 s, then there is room; it is started where it gave up"
    ) { room in
        let disk = try SmallDisk(at: room.folder.appending(path: "disk"), megabytes: 192)
        defer { disk.unmount() }
        let cluster = try room.cluster(in: disk.folder)
        // The cluster's folder goes with the file system; its script must not look for it any more.
        defer { cluster.stop() }
        let (server, tables) = try room.onPostgreSQL(cluster)
        defer { server.kill() }
        var gaveUp = false
        var outcome = try Trial().run(on: server, tables: tables) { _ in
            try disk.fill(forSeconds: fullSeconds)
            try disk.free()
            gaveUp = !cluster.isRunning
            if gaveUp { try cluster.start() }
        }
        if gaveUp { outcome.remarks.append("PostgreSQL ended itself and was started") }
        return outcome
    }
}
