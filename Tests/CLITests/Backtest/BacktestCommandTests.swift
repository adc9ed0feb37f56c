import Builds
import Foundation
import Testing

@testable import CLI

@Suite("inframind backtest")
struct BacktestCommandTests {
    private static let spack = RecordedBuildsTests.spackPath

    @Test("A backtest of a known file needs no options, and says what it found in words")
    func outOfTheBox() throws {
        let binary = try Binary()
        let result = try binary(["backtest", "--csv", Self.spack])
        #expect(result.status == 0, "\(result.diagnostics)")
        #expect(result.diagnostics.isEmpty, "progress belongs on terminals only")
        for words in [
            "300 builds of", "the last 270 count", "history max × 1.15     –     0.74 % [", "InfraMind",
            "At 2 % accepted risk, ", "the current settings are not compared",
        ] { #expect(result.output.contains(words), "\(words) is missing in:\n\(result.output)") }
    }

    @Test("JSON and Markdown are written, and the same seed gives the same files")
    func files() throws {
        let binary = try Binary()
        func files(_ name: String, seed: String) throws -> (json: Data, markdown: String) {
            let stem = binary.folder.path + "/" + name
            let result = try binary([
                "backtest", "--csv", Self.spack, "--risk", "0.02", "--risk", "0.01", "--delay", "5", "--limit-rows",
                "200", "--cap-gb", "48", "--seed", seed, "--json", stem + ".json", "--markdown", stem + ".md",
            ])
            #expect(result.status == 0, "\(result.diagnostics)")
            return (
                try Data(contentsOf: URL(filePath: stem + ".json")),
                try String(contentsOfFile: stem + ".md", encoding: .utf8)
            )
        }
        let first = try files("a", seed: "7")
        #expect(try files("b", seed: "7") == first)
        #expect(try files("c", seed: "8") != first)
        let object = try #require(try JSONSerialization.jsonObject(with: first.json) as? [String: Any])
        let report = try #require(object["report"] as? [String: Any])
        let rows = try #require(report["rows"] as? [[String: Any]])
        #expect(rows.compactMap { $0["risk"] as? Double } == [0.02, 0.01])
        #expect(rows.count == 6)
        #expect(object["delay"] as? Int == 5)
        #expect(first.markdown.hasPrefix("# Backtest\n\n- At 2 % accepted risk, "))
        #expect(first.markdown.contains("| history max × 1.15 | – | "))
        #expect(first.markdown.contains("Outcomes arrive 5 builds late."))
    }

    @Test("Without LightGBM the closed form works alone, and says so; a library somebody names must be one")
    func library() throws {
        var binary = try Binary()
        binary.environment["INFRAMIND_LIGHTGBM"] = "/nowhere.so"
        let result = try binary(["backtest", "--csv", Self.spack])
        #expect(result.status == 1)
        #expect(result.diagnostics.contains("cannot load LightGBM from /nowhere.so"))
    }

    @Test(
        "What cannot be read fails, and what is asked wrongly is told so",
        arguments: [
            (["--csv", "/nowhere.csv"], 1, "Cannot read /nowhere.csv: No such file or directory."),
            (["--peak-column", "m"], 2, "--csv"), (["--csv", "x", "--pipeline", "p"], 2, "--pipeline"),
            (["--csv", "x", "--risk", "0"], 2, "--risk must be between"),
            (["--csv", "x", "--risk", "nan"], 2, "--risk"), (["--csv", "x", "--delay", "-1"], 2, "--delay"),
            (["--csv", "x", "--limit-rows", "0"], 2, "--limit-rows must be at least 1"),
            (["--csv", "x", "--cap-gb", "0"], 2, "--cap-gb must be between"),
            (["--csv", "x", "--pipeline-column", "p"], 2, "needs --peak-column"),
            (["--csv", "x", "--key-column", "k"], 2, "need --pipeline-column"),
            (["--csv", "x", "--preset", "sap", "--pipeline-column", "p", "--peak-column", "m"], 2, "not both"),
            (["--csv", "x", "--preset", "none"], 2, "preset"), (["--csv", "x", "--peak-unit", "gb"], 2, "unit"),
        ] as [([String], Int32, String)])
    func refused(_ arguments: [String], _ status: Int32, _ words: String) throws {
        let result = try Binary()(["backtest"] + arguments)
        #expect(result.status == status)
        #expect(result.output.isEmpty)
        #expect(result.diagnostics.contains(words), "\(result.diagnostics)")
    }

    @Test("A report that cannot be written fails with its name")
    func unwritable() throws {
        let result = try Binary()(["backtest", "--csv", Self.spack, "--limit-rows", "20", "--json", "/nowhere/a.json"])
        #expect(result.status == 1)
        #expect(result.diagnostics.contains("Cannot write /nowhere/a.json"))
    }

    @Test("Tables keep their decimals, so that columns can be read down")
    func decimals() {
        #expect(BacktestDocument.fixed(1.5, places: 2) == "1.50")
        #expect(BacktestDocument.fixed(2, places: 2) == "2.00")
        #expect(BacktestDocument.fixed(0.005, places: 2) == "0.01")
        #expect(BacktestDocument.fixed(.nan, places: 2) == "unknown")
        #expect(BacktestDocument.fixed(7, places: 0) == "7")
    }

    @Test("A file of one's own is compared with its requests, and its jobs cost money")
    func ownFile() throws {
        let binary = try Binary()
        let rows = (0..<60).map { "\($0),app,\(1 + Double($0 % 5) / 10),60,8,4\n" }.joined()
        try binary.folder.write("n,job,peak,s,limit,j\n" + rows, to: "own.csv")
        let result = try binary([
            "backtest", "--csv", binary.folder.path + "/own.csv", "--pipeline-column", "job", "--peak-column", "peak",
            "--peak-unit", "gib", "--duration-column", "s", "--request-column", "limit", "--jobs-column", "j",
            "--order-column", "n",
        ])
        #expect(result.status == 0, "\(result.diagnostics)")
        #expect(result.output.contains("The current settings kill none and reserve "))
        #expect(!result.output.contains("cost is mostly that of memory"))
    }
}
