import Testing

@testable import Optimizer

@Suite("Wording")
struct WordingTests {
    @Test(
        "Memory reads like memory",
        arguments: [
            (1.23, "1.2 GiB"), (0.34, "348 MiB"), (16.0, "16 GiB"), (0.9996, "1 GiB"), (128.4, "128 GiB"),
        ])
    func gib(_ value: Double, _ text: String) {
        #expect(Wording.gib(value) == text)
    }

    @Test(
        "Times read like times",
        arguments: [
            (0.0, "0 s"), (4.26, "4.3 s"), (41.4, "41 s"), (119.0, "119 s"), (725.0, "12 min"), (9000.0, "2.5 h"),
        ])
    func seconds(_ value: Double, _ text: String) {
        #expect(Wording.seconds(value) == text)
    }

    @Test("Counts have the right number", arguments: [(1.0, "1 core"), (2.5, "2.5 cores"), (0.0, "0 cores")])
    func cores(_ value: Double, _ text: String) {
        #expect(Wording.cores(value) == text)
    }

    @Test("Shares are percentages", arguments: [(0.02, "2 %"), (0.005, "0.5 %"), (0.5, "50 %"), (0.001, "0.1 %")])
    func percent(_ value: Double, _ text: String) {
        #expect(Wording.percent(value) == text)
    }

    @Test("Jobs and runs are counted")
    func counts() {
        #expect(Wording.jobs(1) == "1 job" && Wording.jobs(4) == "4 jobs")
        #expect(Wording.runs(1) == "1 run" && Wording.runs(14) == "14 runs")
    }
}
