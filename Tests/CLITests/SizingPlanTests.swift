import Builds
import Testing

@testable import CLI

@Suite struct SizingPlanTests {
    private let capacity = Settings(cpuMillicores: 3500, memoryBytes: 16 << 30)

    private func plan(_ command: String, flag: Int? = nil, mode: String? = "suggest") throws -> SizingPlan {
        SizingPlan(
            arguments: command.split(separator: " ").map(String.init), flag: flag,
            recommendation: try mode.map { try decodedAnswer(mode: $0) }, capacity: capacity)
    }

    @Test(
        "The user's words come first, then --jobs, then the recommendation, then the tool",
        arguments: [
            ("make -j2", 9, "suggest", SizingPlan.Decider.command, 2),
            ("make -j", 9, "suggest", .command, nil),
            ("make", 9, "suggest", .flag, 9),
            ("make", nil, "suggest", .recommendation, 6),
            ("make", nil, "canary", .recommendation, 6),
            ("make", nil, "auto", .recommendation, 6),
            ("make", nil, "observe", .tool, nil),
            ("make", nil, "off", .tool, nil),
            ("make", nil, nil, .tool, nil),
            ("./build.sh -j2", nil, "suggest", .recommendation, 6),
        ] as [(String, Int?, String?, SizingPlan.Decider, Int?)])
    func precedence(command: String, flag: Int?, mode: String?, decider: SizingPlan.Decider, jobs: Int?) throws {
        let plan = try plan(command, flag: flag, mode: mode)
        #expect(plan.decider == decider)
        #expect(plan.jobs == jobs)
        #expect(!plan.sentence.isEmpty)
    }

    @Test("Any command gets the harmless variables, only the tool itself the others")
    func variables() throws {
        let script = try plan("./build.sh").variables(existing: [:])
        #expect(script["MAKEFLAGS"] == "-j6")
        #expect(script["CARGO_BUILD_JOBS"] == "6")
        #expect(script["GOMAXPROCS"] == nil && script["GRADLE_OPTS"] == nil && script["MAVEN_ARGS"] == nil)
        #expect(script["IM_CONCURRENCY"] == "6")
        #expect(script["IM_CPU_REQUEST"] == "5.5")
        #expect(script["IM_MEM_REQUEST_GB"] == "7.25")
        #expect(script["INFRAMIND_RECOMMENDATION_ID"] == "rec-1")
        #expect(try plan("go build").variables(existing: [:])["GOMAXPROCS"] == "6")
    }

    @Test("Where the user states jobs, or nothing is recommended, no tool is told anything")
    func nothingSet() throws {
        #expect(try plan("make", mode: nil).variables(existing: [:]).isEmpty)
        #expect(try plan("make -j2").variables(existing: [:])["MAKEFLAGS"] == nil)
        let observed = try plan("make", mode: "observe").variables(existing: [:])
        #expect(observed == ["INFRAMIND_RECOMMENDATION_ID": "rec-1"])
    }

    @Test(
        "Placeholders take the recommendation, else what the machine has; a shell's own variables stay",
        arguments: [
            ("bazel --jobs={jobs} --ram={memory_mb} {cpu}", "suggest", "bazel --jobs=6 --ram=7424 5.5"),
            ("bazel --jobs={jobs} --ram={memory_mb} {cpu}", nil, "bazel --jobs=4 --ram=16384 3.5"),
            ("echo ${jobs} {jobs}{jobs} {unknown} {", "suggest", "echo ${jobs} 66 {unknown} {"),
            ("ninja all", "suggest", "ninja -j6 all"),
            ("ninja -j{jobs} all", "suggest", "ninja -j6 all"),
            ("nice ninja all", "suggest", "nice ninja -j6 all"),
            ("ninja -j1 all", "suggest", "ninja -j1 all"),
            ("ninja all", nil, "ninja all"),
            ("make all", "suggest", "make all"),
        ] as [(String, String?, String)])
    func commandLine(command: String, mode: String?, result: String) throws {
        let original = WrappedCommandLine(command.split(separator: " ").map(String.init))
        #expect(try plan(command, mode: mode).commandLine(original).text.joined(separator: " ") == result)
    }

    @Test("The baseline is what the user would run without us")
    func baseline() {
        func jobs(_ command: String) -> Int? {
            SizingPlan.baseline(arguments: command.split(separator: " ").map(String.init), capacity: capacity).jobs
        }
        #expect(jobs("make") == 1)
        #expect(jobs("make -j3") == 3)
        #expect(jobs("ninja") == 6)
        #expect(jobs("./build.sh") == nil)
    }

    @Test("The settings in force are the machine's own, unless a cgroup enforces others")
    func inForce() throws {
        let plan = try plan("make")
        #expect(
            plan.settingsInForce(isEnforced: false) == Settings(jobs: 6, cpuMillicores: 3500, memoryBytes: 16 << 30))
        #expect(plan.settingsInForce(isEnforced: true).memoryBytes == Units.bytes(gib: 7.25))
    }
}
