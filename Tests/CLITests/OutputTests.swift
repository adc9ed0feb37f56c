import Builds
import Foundation
import Testing

@testable import CLI

@Suite struct OutputTests {
    @Test(
        "A shell reads back exactly what was quoted",
        arguments: [
            "plain", "", "two words", "it's", "$(touch x)", "`id`", "a\nb", "-j8", "a'b'c", "é", "\\", "!x", "*",
        ])
    func quoting(text: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "printf %s " + shellQuoted(text)]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(String(decoding: output, as: UTF8.self) == text)
    }

    @Test(
        "Numbers are printed short",
        arguments: [
            (6.0, 3, "6"), (5.5, 3, "5.5"), (0.0041, 2, "0"), (-1.25, 1, "-1.3"), (.nan, 1, "unknown"),
            (1e300, 0, "unknown"),
        ])
    func decimals(value: Double, places: Int, text: String) {
        #expect(Quantity.decimal(value, places: places) == text)
    }

    @Test(
        "Durations are printed as people say them",
        arguments: [(3.52, "3.5 s"), (412, "6 min 52 s"), (7500, "2 h 5 min"), (-1, "unknown"), (.infinity, "unknown")])
    func durations(seconds: Double, text: String) {
        #expect(Quantity.duration(seconds: seconds) == text)
    }

    @Test("Settings for a shell are quoted, whatever the server put into them")
    func env() throws {
        var answer = try decodedAnswer()
        answer.recommendation_id = "x'; rm -rf /; '"
        let text = try SettingsFormat.env.text(of: answer)
        #expect(text.contains("export IM_CONCURRENCY=6\n"))
        #expect(text.contains("export IM_CPU_REQUEST=5.5\n"))
        #expect(text.contains("export IM_MEM_REQUEST_GB=8\n"))
        #expect(text.contains("export INFRAMIND_RECOMMENDATION_ID='x'\\''; rm -rf /; '\\'''\n"))
    }

    @Test("The card says what, why, at which risk, against what, and how to say no")
    func card() throws {
        let text = ExplanationCard(try decodedAnswer()).text
        for words in [
            "6 jobs, 5.5 cores, 7.3 GiB", "6 jobs fit into 8 GiB", "6 min 52 s, nine of ten within 7 min 50 s",
            "OOM risk   0.4 %", "4 jobs, 4 cores, 16 GiB", "214 runs  [quantile 0.997, runs 214]",
            "observed_peak raised memory from 5.1 to 7.25 GiB", "link: 1 jobs, 7 GiB", "Confidence 83 %",
            "--no-optimize",
        ] { #expect(text.contains(words), "\(words) is missing in:\n\(text)") }
    }

    @Test("Control characters of a server do not reach the terminal")
    func terminal() throws {
        var answer = try decodedAnswer()
        answer.rationale = "a\u{1B}[31mb\nc"
        #expect(!ExplanationCard(answer).text.contains("\u{1B}"))
        #expect(printable("a\u{9B}b\tc") == "a b c")
    }

    @Test("Findings line up, each with its remedy")
    func findings() {
        let table = Finding.table([
            Finding(name: "cgroup", state: .good, detail: "v2"),
            Finding(name: "psi", state: .missing, detail: "off", remedy: "boot with psi=1"),
        ])
        #expect(table == "good      cgroup  v2\nmissing   psi     off\n          remedy: boot with psi=1\n")
    }
}
