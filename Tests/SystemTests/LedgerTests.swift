import Faults
import Foundation
import Testing

/// A ledger that cannot complain proves nothing: what it looks for is done to a database behind the server's back.
@Suite("The ledger of acknowledged writes", .serialized)
struct LedgerTests {
    struct Harm: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var statement: String
        /// What the verdict must not pass over.
        var isSeen: @Sendable (Verdict) -> Bool
    }

    /// Each takes the newest of what was acknowledged.
    private static let run = "(SELECT run_id FROM runs WHERE status IS NOT NULL ORDER BY number DESC LIMIT 1)"

    static let harms = [
        Harm(testDescription: "a run that is gone", statement: "DELETE FROM runs WHERE run_id = \(run)") {
            $0.lost > 0
        },
        Harm(testDescription: "a step that is gone", statement: "DELETE FROM steps WHERE run_id = \(run)") {
            $0.lost > 0
        },
        Harm(
            testDescription: "a stop that is gone",
            statement: "UPDATE steps SET stopped_at = NULL, stop = NULL WHERE run_id = \(run)"
        ) { $0.lost > 0 },
        Harm(
            testDescription: "a completion that is gone",
            statement: """
                UPDATE runs SET status = NULL, duration_seconds = NULL, completion = NULL, completion_number = NULL,
                    is_learned = 0 WHERE run_id = \(run)
                """
        ) { $0.lost > 0 },
        Harm(
            testDescription: "no commit",
            statement: "UPDATE runs SET content = replace(content, '\"commit\":', '\"other\":') WHERE run_id = \(run)"
        ) { $0.altered > 0 },
        Harm(
            testDescription: "another duration",
            statement: "UPDATE runs SET duration_seconds = duration_seconds + 1 WHERE run_id = \(run)"
        ) { $0.altered > 0 },
        Harm(
            testDescription: "another end of a step",
            statement: "UPDATE steps SET stopped_at = stopped_at + 1 WHERE run_id = \(run)"
        ) { $0.altered > 0 },
        Harm(
            testDescription: "a number that was given away twice",
            statement: "UPDATE tenants SET run_count = run_count + 1"
        ) { $0.doubled > 0 },
        Harm(
            testDescription: "a step that was learned from twice",
            statement: """
                INSERT INTO lessons (tenant_id, number, run_id, span_id, outcome, ticket)
                SELECT tenant_id, number + 1000000, run_id, span_id, outcome, ticket FROM lessons LIMIT 1
                """
        ) { $0.doubled > 0 },
    ]

    @Test("sees what was done to the database", .timeLimit(.minutes(2)))
    func sees() throws {
        let scenario = Scenario("harm", "the database is changed behind the server's back") { room in
            let (server, tables) = try room.embedded()
            defer { server.kill() }
            guard case .sqlite(let path) = tables else { throw Scenario.Skipped("not SQLite") }
            let load = BuildLoad(port: server.port, connections: 4)
            #expect(load.ledger.wait(upToSeconds: 30) { $0.acknowledged >= 200 })
            load.end()
            let unharmed = try load.ledger.compare(with: tables, serverAt: server.port)
            #expect(unharmed.isClean, "\(unharmed)")
            let copy = room.folder.appending(path: "harmed.db").path
            for harm in Self.harms {
                try Command("sqlite3", [path, "VACUUM INTO '\(copy)'"]).run()
                try Command("sqlite3", [copy, "PRAGMA foreign_keys = OFF; \(harm.statement)"]).run()
                let verdict = try load.ledger.compare(with: .sqlite(path: copy), serverAt: server.port)
                #expect(harm.isSeen(verdict), "\(harm.testDescription): \(verdict)")
                try FileManager.default.removeItem(atPath: copy)
            }
            return Trial.Outcome(clients: load.ledger.figures, verdict: unharmed, peakResidentBytes: 0)
        }
        _ = try scenario.run(program: Binaries.server)
    }
}
