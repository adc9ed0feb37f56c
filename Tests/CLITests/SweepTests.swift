import Foundation
import Testing

@testable import CLI

@Suite struct SweepTests {
    @Test(
        "Without a list, jobs double up to twice the cores",
        arguments: [(1, [1, 2]), (2, [1, 2, 4]), (3, [1, 2, 4, 6]), (16, [1, 2, 4, 8, 16, 32])])
    func jobs(cores: Int, jobs: [Int]) { #expect(SweepPlan.jobs(cores: cores) == jobs) }

    @Test(
        "A list of jobs is sorted, and anything else is refused",
        arguments: [
            ("4,1,2,2", [1, 2, 4]), (" 8 , 16", [8, 16]), ("", nil), ("1,,2", nil), ("0", nil), ("5000", nil),
            ("two", nil), (Array(repeating: "1", count: 21).joined(separator: ","), nil),
        ] as [(String, [Int]?)])
    func list(text: String, jobs: [Int]?) { #expect(SweepPlan.jobs(listed: text) == jobs) }

    @Test("Rounds follow each other, so that a machine that slows down slows all alike")
    func rounds() { #expect(SweepPlan(jobs: [1, 4], repeats: 2).builds == [1, 4, 1, 4]) }

    /// Burns CPU in as many processes as there are jobs, long enough for the kernel's clock ticks.
    private static let build =
        "i=0; while [ $i -lt {jobs} ]; do (n=0; while [ $n -lt 30000 ]; do n=$((n+1)); done) & i=$((i+1)); done; wait; echo built >> log"

    @Test("A sweep builds at each number of jobs from nothing, and recommends")
    func sweep() throws {
        let binary = try Binary()
        let clean = "cd '\(binary.folder.path)' && echo cleaned >> log"
        let file = binary.folder.path + "/sweep.json"
        let result = try binary([
            "sweep", "--pipeline", "app", "--step", "compile", "--jobs", "2,1", "--repeat", "2", "--clean", clean,
            "--json", file, "--", "sh", "-c", "cd '\(binary.folder.path)'; " + Self.build,
        ])
        #expect(result.status == 0, "\(result.diagnostics)")
        let log = try String(contentsOfFile: binary.folder.path + "/log", encoding: .utf8)
        #expect(log == String(repeating: "cleaned\nbuilt\n", count: 4))
        #expect(result.output.contains("3/4  -j1 …") && result.output.contains("speed-up"))
        #expect(result.output.contains("\nRecommended: -j"))
        let json = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: file)))
        let points = try #require((json as? [String: Any])?["points"] as? [[String: Any]])
        #expect(points.map { $0["jobs"] as? Int } == [1, 2])
        // No server: the runs wait for it, like any other.
        #expect(binary.spooled.count == 4)
    }

    @Test("A build that fails ends the sweep, with its last words")
    func failure() throws {
        let result = try Binary()(["sweep", "--jobs", "1", "--", "sh", "-c", "echo no such header {jobs}; exit 3"])
        #expect(result.status == 1)
        #expect(result.diagnostics.contains("status 3") && result.diagnostics.contains("no such header 1"))
    }

    @Test(
        "What cannot be swept is refused",
        arguments: [
            ["sweep"], ["sweep", "--", "true"], ["sweep", "--jobs", "x", "--", "make"],
            ["sweep", "--repeat", "0", "--", "make"],
        ])
    func refused(arguments: [String]) throws { #expect(try Binary()(arguments).status == 2) }
}
