import Foundation
import Testing

@testable import Agent

/// Holds `docs/reference/agent-metrics.md` to the sources and to the golden pages.
@Suite struct MetricsReferenceTests {
    private static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    struct Row: Hashable {
        var kind: String
        var labels: [String]
        var help: String
    }

    /// The rows of the reference by metric.
    private static func reference() throws -> [String: Row] {
        let file = repository.appendingPathComponent("docs/reference/agent-metrics.md")
        var rows: [String: Row] = [:]
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") where line.hasPrefix("| `") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            let labels = cells[2].split(separator: ",").map { $0.trimmingCharacters(in: ["`", " "]) }
            let name = cells[0].trimmingCharacters(in: ["`"])
            #expect(rows[name] == nil, "\(name) is there twice")
            rows[name] = Row(kind: cells[1], labels: labels.filter { !$0.isEmpty }, help: cells[3])
        }
        return rows
    }

    @Test("Every metric in the sources is in the reference with its help, and no other is")
    func sources() throws {
        var source = ""
        let folder = Self.repository.appendingPathComponent("Sources/Agent")
        let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
        for case let file as URL in files where file.pathExtension == "swift" {
            source += try String(contentsOf: file, encoding: .utf8)
        }
        let names = Set(source.matches(of: /"(inframind_[a-z0-9_]+)"/).map { String($0.1) })
        let reference = try Self.reference()
        #expect(names.count > 100)
        #expect(names.subtracting(reference.keys).sorted() == [], "in the sources alone")
        #expect(Set(reference.keys).subtracting(names).sorted() == [], "in the reference alone")
        for (name, row) in reference { #expect(source.contains("\"\(row.help)\""), "another help of \(name)") }
    }

    @Test("Kinds, helps and labels are those of the golden pages", arguments: GoldenPageTests.machines)
    func pages(machine: String) throws {
        let file = Self.repository.appendingPathComponent("Tests/TelemetryTests/Fixtures/\(machine)/metrics.txt")
        let reference = try Self.reference()
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 3).map(String.init)
            if line.hasPrefix("# HELP ") {
                #expect(reference[words[2]]?.help == words[3])
            } else if line.hasPrefix("# TYPE ") {
                let kind = reference[words[2]]?.kind
                // The older format has no word for information.
                #expect(kind == words[3] || kind == "info" && words[3] == "gauge", "\(words[2])")
            } else {
                let name = String(line.prefix { $0 != "{" && $0 != " " })
                let labels = line.dropFirst(name.count).matches(of: /[{,]([a-z_]+)="/).map { String($0.1) }
                #expect(reference[name]?.labels == labels, "\(name)")
            }
        }
    }

    @Test("Each collector has its section, in the order of the page")
    func sections() throws {
        let file = Self.repository.appendingPathComponent("docs/reference/agent-metrics.md")
        let titles = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
            .filter { $0.hasPrefix("## `") }.map { $0.dropFirst(4).dropLast() }
        #expect(titles.map(String.init) == Collectors.names)
    }
}
