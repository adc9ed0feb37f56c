import Faults
import Foundation
import Scaffolding
import Testing

/// The quickest scenarios of `Benchmarks/faults`: thousands of writes, a real server that is killed, and a ledger of what
/// was acknowledged.
@Suite("Nothing acknowledged is lost or doubled", .serialized)
struct FaultLedgerTests {
    @Test("when the server is killed with -9 on SQLite")
    func serverOnSQLite() throws { try play(.serverKilledOnSQLite) }

    @Test("when the server is killed with -9 on PostgreSQL", .enabled(if: PostgreSQLCluster.reasonToSkip == nil))
    func serverOnPostgreSQL() throws { try play(.serverKilledOnPostgreSQL) }

    @Test("when PostgreSQL is killed with -9", .enabled(if: PostgreSQLCluster.reasonToSkip == nil))
    func postgreSQL() throws { try play(.postgreSQLKilled) }

    private func play(_ scenario: Scenario) throws {
        let outcome = try scenario.run(program: Binaries.server)
        #expect(outcome.isClean, "\(outcome) \(outcome.details)")
        #expect(outcome.clients.acknowledged >= 5000)
    }
}
