import Faults
import Foundation
import Scaffolding

extension Scenario {
    static func soakOnSQLite(seconds: Int) -> Scenario {
        Scenario("soak-sqlite", "half the measured peak for \(seconds) s on SQLite, memory looked at each second") {
            room in
            let (server, tables) = try room.embedded()
            defer { server.kill() }
            return try soak(server, tables, seconds: seconds)
        }
    }

    static func soakOnPostgreSQL(seconds: Int) -> Scenario {
        Scenario(
            "soak-postgresql", "half the measured peak for \(seconds) s on PostgreSQL, memory looked at each second"
        ) { room in
            let cluster = try room.cluster()
            defer { cluster.stop() }
            let (server, tables) = try room.onPostgreSQL(cluster)
            defer { server.kill() }
            return try soak(server, tables, seconds: seconds)
        }
    }

    /// Long enough for the pools and the learner to be warm.
    private static let peakSeconds = 10.0

    private static func soak(_ server: ServerProcess, _ tables: StoredTables, seconds: Int) throws -> Trial.Outcome {
        let ledger = Ledger()
        let burst = BuildLoad(port: server.port, ledger: ledger)
        Thread.sleep(forTimeInterval: peakSeconds)
        burst.end()
        let peak = Double(ledger.figures.acknowledged + ledger.figures.repeated) / peakSeconds
        let before = ledger.figures.acknowledged + ledger.figures.repeated

        let load = BuildLoad(port: server.port, writesPerSecond: peak / 2, ledger: ledger)
        var memory = ResidentMemory()
        for _ in 0..<seconds {
            Thread.sleep(forTimeInterval: 1)
            memory.add(bytes: server.residentBytes)
        }
        load.end()
        let rate = Double(ledger.figures.acknowledged + ledger.figures.repeated - before) / Double(seconds)

        var troubles: [String] = []
        if !server.isRunning { troubles.append("the server ended: \(server.lastWords)") }
        if memory.isGrowing { troubles.append("memory grows: \(memory)") }
        let verdict = try ledger.compare(with: tables, serverAt: server.port)
        return Trial.Outcome(
            clients: ledger.figures, verdict: verdict, peakResidentBytes: server.peakResidentBytes, troubles: troubles,
            remarks: ["peak \(Int(peak)) writes/s, then \(Int(rate)) for \(seconds) s", "\(memory)"])
    }
}
