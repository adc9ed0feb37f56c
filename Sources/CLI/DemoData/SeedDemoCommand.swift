import ArgumentParser
import Builds
import Client

/// `inframind seed-demo`
struct SeedDemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seed-demo",
        abstract: "Send synthetic runs of a small fleet through the public API, then train.",
        discussion: """
            The runs hang together the way real ones do: changed files, cache state, branch, jobs, memory, a few OOM kills
            with their retries. Use it on a server for trying out: the runs stay.

            EXAMPLES
              inframind seed-demo
              inframind seed-demo --runs 200 --seed 7
            """)

    @OptionGroup var server: ServerOptions

    @Option(help: "How many runs.")
    var runs = 50

    @Option(help: "Another seed gives another fleet history.")
    var seed: UInt64 = 1

    func validate() throws {
        // More would take minutes and teach nothing new.
        guard (1...10_000).contains(runs) else { throw ValidationError("--runs must be between 1 and 10000.") }
    }

    func run() throws {
        var fleet = DemoFleet(seed: seed)
        let reports = fleet.runs(runs, endingBefore: currentTime())
        let kills = reports.count { $0.completion?.status == .oomKilled }
        write("Sending \(reports.count) runs of 3 pipelines, \(kills) of them OOM-killed …\n", to: .output)
        let trained = try server.withClient(InheritedProcess.environmentVariables()) { client -> String? in
            for report in reports { try await client.deliver(report) }
            do {
                return try await client.train().model.version
            } catch let error as ClientError where error.isRefused(with: 409) {
                // Without the learner's library the closed form works alone; the runs are there all the same.
                write("Not trained: \(error)\n", to: .output)
                return nil
            }
        }
        if let trained { write("Trained \(trained).\n", to: .output) }
        write("Try: inframind optimize --pipeline demo/search-engine --stage build --step compile\n", to: .output)
    }
}
