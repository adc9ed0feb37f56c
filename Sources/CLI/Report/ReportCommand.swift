import ArgumentParser
import FoundationEssentials

/// `inframind report FILE…`
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Print a table of reports that `inframind run --report FILE` wrote.",
        discussion: """
            Settings, wall and CPU time, peak memory; for runs that followed a recommendation, what was predicted and why.

            EXAMPLES
              inframind report build-*.json
            """)

    @Argument(help: "Report files, in the order to print them.")
    var files: [String]

    /// A report is a few KiB; anything far larger is another file.
    private static let mostBytes = 4 << 20

    func run() throws {
        var reports: [RunReportFile] = []
        for file in files {
            guard let attributes = try? FileManager.default.attributesOfItem(atPath: file),
                let size = attributes[.size] as? UInt64, size <= Self.mostBytes,
                let data = FileManager.default.contents(atPath: file)
            else { throw UnreadableReport(file: file, reason: "it is not there, or far too large") }
            do {
                reports.append(try JSONDecoder().decode(RunReportFile.self, from: data))
            } catch {
                throw UnreadableReport(file: file, reason: "it is no report of `inframind run --report`")
            }
        }
        write(RunTable(reports).text, to: .output)
    }

    struct UnreadableReport: Error, CustomStringConvertible {
        var file: String
        var reason: String
        var description: String { "Cannot read \(file): \(reason)." }
    }
}
