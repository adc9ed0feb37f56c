import Builds
import Testing

@testable import Optimizer

@Suite("Configuration key")
struct ConfigurationKeyTests {
    static func context(_ extra: [String: JSONValue]) -> BuildContext {
        var context = BuildContext()
        context.tool = "make"
        context.image = "gcc:14"
        context.branch = "feature/x"
        context.extra = extra
        return context
    }

    static let plain = ConfigurationKey(context: context([:]))

    @Test(
        "What names a configuration makes a key of its own",
        arguments: [
            ["compiler": "clang"], ["compiler": "gcc"], ["sanitize": true], ["target_cnt": 3], ["local_jobs": 36],
        ] as [[String: JSONValue]])
    func names(_ extra: [String: JSONValue]) {
        #expect(ConfigurationKey(context: Self.context(extra)).fields != Self.plain.fields)
    }

    @Test(
        "What measures, or differs from run to run, does not",
        arguments: [
            ["io_gb": 3.5], ["link_s": 12], ["hit_ratio": 1], ["requested_mem_gb": 8], ["files_changed": 12],
            ["commit": "abc"], ["build_number": 41], ["big": 123_456_789], ["share": 0.25], ["list": .array([1])],
            ["nothing": .null], ["nested": .object(["a": 1])],
            ["text": .string(String(repeating: "x", count: 1000))],
        ] as [[String: JSONValue]])
    func measures(_ extra: [String: JSONValue]) {
        #expect(ConfigurationKey(context: Self.context(extra)).fields == Self.plain.fields)
    }

    @Test("Branches are pooled by class")
    func branches() {
        var other = Self.context([:])
        other.branch = "feature/y"
        #expect(ConfigurationKey(context: other) == Self.plain)
        other.branch = "main"
        #expect(ConfigurationKey(context: other) != Self.plain)
    }

    @Test("The chain goes from the configuration on a branch to everything, and the pipeline is named up to the third")
    func chain() {
        let one = StepIdentity(pipeline: "p", stage: "s", step: "a")
        let other = StepIdentity(pipeline: "p", stage: "s", step: "b")
        let a = KeyChain(step: one, configuration: Self.plain)
        let b = KeyChain(step: other, configuration: Self.plain)
        #expect(a.keys.count == 5)
        #expect(a.pipelineLevel == 2)
        #expect(zip(a.keys, b.keys).map { $0 == $1 } == [false, false, false, true, true])
        #expect(Array(a.ownKeys) == Array(a.keys.prefix(3)))
    }
}
