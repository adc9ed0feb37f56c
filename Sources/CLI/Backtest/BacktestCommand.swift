import ArgumentParser
import Optimizer

/// `inframind backtest`
struct BacktestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backtest",
        abstract: "Replay recorded builds: what would each way to set memory limits have cost?",
        discussion: """
            Every limit is set from earlier builds only. A build above its limit is killed, and tried again with twice
            the memory until it fits; each attempt counts in full. The first tenth of the builds only teaches. Intervals
            hold 95 % of 400 resamples in blocks of consecutive builds. The builds are those that the server has learned
            from, or those of a CSV file; then no server is asked. Everything is computed here.

            EXAMPLES
              inframind backtest
              inframind backtest --pipeline shop/api --risk 0.01 --json report.json
              inframind backtest --csv spack_ci_builds.csv
              inframind backtest --csv spack_ci_builds.csv --risk 0.02 --risk 0.01 --markdown report.md
              inframind backtest --csv builds.csv --pipeline-column job --key-column compiler --peak-column rss \\
                --peak-unit mib --duration-column seconds --request-column limit --order-column started_at
            """)

    @OptionGroup var server: ServerOptions

    @Option(help: ArgumentHelp("Only the builds of this pipeline that the server has learned.", valueName: "name"))
    var pipeline: String?

    @OptionGroup(title: "Recorded builds") var columns: ColumnOptions

    @Option(
        name: .customLong("risk"),
        help: ArgumentHelp("Accepted OOM risk per build; give it again to compare several.", valueName: "share"))
    var risks: [Double] = []

    @Option(help: ArgumentHelp("Builds that begin before a build's outcome is known.", valueName: "n"))
    var delay = 0

    @Option(help: ArgumentHelp("Replay only the first builds.", valueName: "n"))
    var limitRows: Int?

    @Option(help: ArgumentHelp("Write the report to this file, as JSON.", valueName: "file"))
    var json: String?

    @Option(help: ArgumentHelp("Write the report to this file, as Markdown.", valueName: "file"))
    var markdown: String?

    @Option(help: "Seed of the resamples: the same seed gives the same intervals.")
    var seed: UInt64 = 1

    /// More risks than this at once is a typing error, and each takes as long as the others.
    private static let mostRisks = 10
    private static let defaultRisk = 0.02

    func validate() throws {
        guard risks.count <= Self.mostRisks else {
            throw ValidationError("At most \(Self.mostRisks) risks can be compared at once.")
        }
        for risk in risks where !(0.0001...0.5).contains(risk) {
            throw ValidationError("--risk must be between 0.0001 and 0.5, for example 0.02 for 2 %.")
        }
        guard (0...1_000_000).contains(delay) else { throw ValidationError("--delay must be between 0 and 1000000.") }
        if columns.csv != nil, pipeline != nil {
            throw ValidationError("--pipeline is for the builds of a server; with --csv, leave it out.")
        }
        if let limitRows, limitRows < 1 { throw ValidationError("--limit-rows must be at least 1.") }
    }

    func run() throws {
        let loaded = try load()
        let library = try LightGBMSearch(
            environment: InheritedProcess.environmentVariables(),
            executableFolder: LightGBMSearch.runningExecutableFolder
        ).load()
        let line = ProgressLine()
        let runner = BacktestRunner(
            history: loaded.history, delay: delay, library: library, progress: { line.show($0) })
        let runs = try runner.runs(of: policies(loaded))
        let report = BacktestReport(loaded.history, runs: runs, seed: seed)
        line.end()
        let document = BacktestDocument(
            report, loaded: loaded, delay: delay, seed: seed, hasLightGBM: library != nil)
        if let json { try OutputFile(path: json).write(try prettyJSON(document.json) + "\n") }
        if let markdown { try OutputFile(path: markdown).write(document.markdown) }
        write(document.text, to: .output)
    }

    private func load() throws -> LoadedHistory {
        let (columns, pipeline, limitRows) = (columns, pipeline, limitRows)
        if let csv = columns.csv {
            return try CSVBuildSource(
                path: csv, mapping: { try columns.mapping(header: $0) }, limitRows: limitRows
            ).load()
        }
        let line = ProgressLine()
        let loaded = try server.withClient(InheritedProcess.environmentVariables()) { client in
            try await ServerBuildSource(
                client: client, pipeline: pipeline, limitRows: limitRows,
                capGiB: columns.capGb ?? OptimizerConfiguration().memoryCapGiB,
                progress: { line.show("Reading … \($0) attempts") }
            ).load()
        }
        line.end()
        guard !loaded.history.builds.isEmpty else {
            throw NothingRecorded(pipeline: pipeline, server: loaded.origin)
        }
        return loaded
    }

    /// Ours for each risk, and every rival that can say something about these builds.
    private func policies(_ loaded: LoadedHistory) -> [BacktestPolicy] {
        var seen: Set<Double> = []
        let distinct = (risks.isEmpty ? [Self.defaultRisk] : risks).filter { seen.insert($0).inserted }
        let rivals = BacktestPolicy.rivals.filter { $0 != .currentSettings || loaded.requestCount > 0 }
        return distinct.map { .recommender(risk: $0) } + rivals
    }
}

/// A server that has no finished build to replay.
struct NothingRecorded: Error, CustomStringConvertible {
    var pipeline: String?
    var server: String

    var description: String {
        let what = pipeline.map { "no finished build of '\(printable($0))'" } ?? "no finished build"
        return
            "\(server) has learned \(what) with a measured peak. Wrap builds with 'inframind run', or name a file with --csv."
    }
}
