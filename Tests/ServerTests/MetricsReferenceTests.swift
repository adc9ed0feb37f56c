import Builds
import Foundation
import Testing

@testable import Server
@testable import Telemetry

/// Holds `docs/reference/metrics.md` to the page.
@Suite("The reference of the server's metrics is that of its page")
struct MetricsReferenceTests {
    private struct Family: Hashable {
        var name: String
        var kind: String
        var labels: [String]
        var help: String
    }

    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The rows of the reference, in their order.
    private static func reference() throws -> [Family] {
        let text = try String(contentsOf: root.appending(path: "docs/reference/metrics.md"), encoding: .utf8)
        return text.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { line in
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            return Family(
                name: cells[0].trimmingCharacters(in: ["`"]), kind: cells[1],
                labels: cells[2].split(separator: ",").map { $0.trimmingCharacters(in: ["`", " "]) }
                    .filter { !$0.isEmpty }, help: cells[3])
        }
    }

    /// The families of a page, in their order. `le` belongs to the kind, not to the labels.
    private static func families(of page: String) -> [Family] {
        var families: [Family] = []
        for line in page.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 3).map(String.init)
            if line.hasPrefix("# HELP ") {
                families.append(Family(name: words[2], kind: "", labels: [], help: words[3]))
            } else if line.hasPrefix("# TYPE "), let last = families.indices.last {
                families[last].kind = words[3]
            } else if let last = families.indices.last, families[last].labels.isEmpty {
                families[last].labels = line.matches(of: /[{,]([a-z_]+)="/).map { String($0.1) }.filter { $0 != "le" }
            }
        }
        return families
    }

    @Test("Names, kinds, labels and helps are the same, in the same order")
    func families() throws {
        let shown = Self.families(of: MetricsPage.complete().text())
        let described = try Self.reference()
        #expect(shown.map(\.name) == described.map(\.name))
        for (one, other) in zip(shown, described) { #expect(one == other) }
    }

    @Test("The sample page has every family that the sources can write")
    func sources() throws {
        let folder = Self.root.appending(path: "Sources/Server/Metrics")
        var source = ""
        for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) {
            source += try String(contentsOf: file, encoding: .utf8)
        }
        let named = Set(source.matches(of: /"((?:inframind|process)_[a-z0-9_]+)"/).map { String($0.1) })
        #expect(named.count > 50)
        #expect(named == Set(Self.families(of: MetricsPage.complete().text()).map(\.name)))
    }

    @Test(
        "Prometheus' own check has nothing to say",
        .enabled(
            if: access("/usr/bin/promtool", X_OK) == 0 || ProcessInfo.processInfo.environment["CI"] != nil,
            "promtool is not installed; run scripts/setup."))
    func promtool() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/promtool")
        process.arguments = ["check", "metrics"]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(MetricsPage.complete().text().utf8))
        try input.fileHandleForWriting.close()
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(said == "")
    }

    @Test("OpenMetrics names counters without their suffix, and says where the page ends")
    func openMetrics() {
        let page = MetricsPage.complete().text(as: .openMetrics)
        #expect(page.hasSuffix("\n# EOF\n"))
        #expect(page.contains("# TYPE inframind_runs_started counter\ninframind_runs_started_total 0\n"))
        #expect(page.contains("# TYPE inframind_build_duration_seconds histogram\n"))
        #expect(!page.contains("_total counter"))
    }
}
