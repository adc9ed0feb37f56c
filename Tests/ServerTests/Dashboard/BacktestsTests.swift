import Builds
import Foundation
import Optimizer
import Storage
import Testing

@testable import Server

@Suite("Backtests that are remembered")
struct BacktestsTests {
    @Test("A result is known until its own pipeline runs again, and belongs to its tenant")
    func known() async throws {
        let server = TestServer()
        defer { server.remove() }
        try FileManager.default.createDirectory(atPath: server.folder, withIntermediateDirectories: true)
        let store = try await SQLStore.sqlite(path: server.folder + "/test.db")
        let backtests = Backtests(store: store, configuration: OptimizerConfiguration())
        func task(_ runs: Int64, _ tenant: String = "red") async -> Task<Backtests.Result, any Error> {
            let pipeline = StoredPipeline(
                name: "app", runs: runs, oomRuns: 0, lastRunID: RunID("r"), lastStatus: .success,
                lastStartedAt: Timestamp(seconds: 0))
            return await backtests.result(of: pipeline, tenant: TenantID(tenant))
        }
        let first = await task(1)
        #expect(try await first.value.attempts == 0)
        #expect(await task(1) == first)
        #expect(await task(2) != first)
        #expect(await task(1, "blue") != first)
    }
}
