import Foundation
import Scaffolding
import Telemetry
import Testing

@testable import Agent

@Suite struct ExporterTests {
    private func append(_ text: String, to file: RotatedFile) throws {
        var buffer = ByteBuffer()
        buffer.append(text)
        try file.append(buffer.bytes)
    }

    private func content(_ folder: TemporaryFolder, _ name: String) -> String? {
        try? String(contentsOfFile: folder.path + "/" + name, encoding: .utf8)
    }

    @Test("A file that would grow too large is put aside first, and the oldest is let go")
    func rotates() throws {
        let folder = try TemporaryFolder()
        let file = RotatedFile(path: folder.path + "/log", limitBytes: 10, keep: 2)
        for text in ["one\n", "two\n", "three\n", "four\n", "fives-and-more\n", "six\n"] { try append(text, to: file) }
        #expect(folder.names() == ["log", "log.1", "log.2"])
        #expect(content(folder, "log") == "six\n")
        #expect(content(folder, "log.1") == "fives-and-more\n")
        #expect(content(folder, "log.2") == "four\n")
    }

    @Test("Without any to keep, the file begins anew")
    func keepsNone() throws {
        let folder = try TemporaryFolder()
        let file = RotatedFile(path: folder.path + "/log", limitBytes: 10, keep: 0)
        for text in ["12345678\n", "next\n"] { try append(text, to: file) }
        #expect(folder.names() == ["log"])
        #expect(content(folder, "log") == "next\n")
    }

    @Test("An agent that starts again goes on with the file, and counts what is in it")
    func continues() throws {
        let folder = try TemporaryFolder()
        try folder.write("earlier\n", to: "log")
        try append("later\n", to: RotatedFile(path: folder.path + "/log", limitBytes: 100, keep: 1))
        #expect(content(folder, "log") == "earlier\nlater\n")
        try append("much later\n", to: RotatedFile(path: folder.path + "/log", limitBytes: 20, keep: 1))
        #expect(content(folder, "log") == "much later\n")
        #expect(content(folder, "log.1") == "earlier\nlater\n")
    }

    @Test("Where nothing can be written, that is said once, and the exporter goes on")
    func cannotWrite() throws {
        let folder = try TemporaryFolder()
        var configuration = AgentConfiguration()
        configuration.json = .init(isEnabled: true, path: folder.path + "/no/such/folder/log")
        var logged: [String] = []
        let exporter = JSONExporter(configuration, MetricsPage(collectors: [], log: { _ in })) { logged.append($0) }
        for _ in 0..<3 { exporter.fire(at: monotonicNanoseconds()) }
        #expect(logged == ["cannot write \(folder.path)/no/such/folder/log: No such file or directory"])
    }

    @Test("Every interval adds lines of JSON, with the labels of the configuration")
    func jsonLines() throws {
        let folder = try TemporaryFolder()
        var configuration = AgentConfiguration()
        configuration.intervalSeconds = 5
        configuration.labels = ConstantLabels([(name: "cluster", value: "a \"b\"\u{1B}")])
        configuration.json = .init(isEnabled: true, path: folder.path + "/log")
        let page = MetricsPage(collectors: Collectors.all(CollectorSources()), log: { _ in })
        let exporter = JSONExporter(configuration, page) { Issue.record("logged: \($0)") }
        let start = exporter.dueNanoseconds
        exporter.fire(at: start)
        #expect(exporter.dueNanoseconds == start + 5_000_000_000)
        exporter.fire(at: start + 60_000_000_000)
        #expect(exporter.dueNanoseconds == start + 60_000_000_000, "missed intervals are not made up for")
        struct Sample: Decodable {
            var time: String
            var name: String
            var labels: [String: String]
            var value: Double?
        }
        let lines = try #require(content(folder, "log")).split(separator: "\n")
        let samples = try lines.map { try JSONDecoder().decode(Sample.self, from: Data($0.utf8)) }
        #expect(samples.allSatisfy { $0.labels["cluster"] == "a \"b\"\u{FFFD}" && $0.time.hasSuffix("Z") })
        let scrapes = samples.filter { $0.name == "inframind_agent_scrapes_total" }.map(\.value)
        #expect(scrapes == [1, 2])
        #expect(samples.contains { $0.name == "inframind_node_load1" })
    }
}
