import Foundation
import Scaffolding

extension Scenario {
    public static let serverKilledOnSQLite = Scenario(
        "server-kill-sqlite", "the server is killed with -9 and started again, three times, on SQLite"
    ) { room in
        let (server, tables) = try room.embedded()
        return try Trial().run(on: server, tables: tables) { try server.killRepeatedly($0) }
    }

    public static let serverKilledOnPostgreSQL = Scenario(
        "server-kill-postgresql", "the server is killed with -9 and started again, three times, on PostgreSQL"
    ) { room in
        let cluster = try room.cluster()
        defer { cluster.stop() }
        let (server, tables) = try room.onPostgreSQL(cluster)
        return try Trial().run(on: server, tables: tables) { try server.killRepeatedly($0) }
    }

    public static let postgreSQLKilled = Scenario(
        "postgresql-kill", "PostgreSQL and all its processes are killed with -9 and started again a second later"
    ) { room in
        let cluster = try room.cluster()
        defer { cluster.stop() }
        let (server, tables) = try room.onPostgreSQL(cluster)
        return try Trial().run(on: server, tables: tables) { _ in
            try cluster.killAll()
            // The outage: writes meet it, and the server's patience of some seconds outlasts it.
            Thread.sleep(forTimeInterval: 1)
            try cluster.start()
        }
    }

    public static let postgreSQLRestarted = Scenario(
        "postgresql-restart", "PostgreSQL is restarted under load, three times, as an administrator would"
    ) { room in
        let cluster = try room.cluster()
        defer { cluster.stop() }
        let (server, tables) = try room.onPostgreSQL(cluster)
        return try Trial().run(on: server, tables: tables) { ledger in
            for _ in 0..<3 {
                try cluster.restart()
                let mended = ledger.figures.acknowledged
                _ = ledger.wait(upToSeconds: 30) { $0.acknowledged >= mended + 500 }
            }
        }
    }
}

extension ServerProcess {
    /// Each time in the middle of the load: writes are acknowledged again before the next.
    fileprivate func killRepeatedly(_ ledger: Ledger) throws {
        for _ in 0..<3 {
            kill()
            try start()
            let mended = ledger.figures.acknowledged
            _ = ledger.wait(upToSeconds: 30) { $0.acknowledged >= mended + 500 }
        }
    }
}
