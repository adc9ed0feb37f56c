import Builds
import Foundation
import Testing

@testable import Storage

/// What is stored decides whether a client says the same again: the quick writer must write as the encoder does.
@Suite("The quick writer of stored JSON")
struct StoredTextTests {
    private struct StopContent: Codable {
        var usage: Usage
        var settings: Settings
    }

    private struct RunContent: Codable {
        var commit, image: String
        var tools: [String]
        var repository, node: String?
        var requested: Settings
        var context: BuildContext
        var ci: CISystem?
    }

    @Test("writes every field of a step's end as the encoder does")
    func everyField() throws {
        var usage = Usage()
        usage.wallSeconds = 1.5
        usage.userCPUSeconds = 0.1
        usage.systemCPUSeconds = 1e-7
        usage.cpuSeconds = 1e16
        usage.peakMemoryBytes = 9_007_199_254_740_993
        usage.unreclaimablePeakBytes = .max
        usage.peakRSSBytes = 0
        usage.memorySource = .sharedCgroup
        usage.ioReadBytes = 1
        usage.ioWriteBytes = 2
        usage.voluntaryContextSwitches = 3
        usage.involuntaryContextSwitches = 4
        usage.throttledSeconds = 5
        usage.cpuPressureSeconds = -0.0
        usage.memoryPressureSeconds = 1.0 / 3
        usage.ioPressureSeconds = 123_456_789_012_345_680
        usage.cacheHits = 7
        usage.cacheMisses = 8
        usage.oomKills = 9
        usage.exitCode = -2_147_483_648
        usage.signal = 9
        let settings = Settings(
            jobs: 8, cpuMillicores: 1500, memoryBytes: .min, cache: CompilerCache(isEnabled: true, sizeGiB: 0.5))
        try expectSame(usage, settings)
        try expectSame(Usage(), Settings())
    }

    @Test("writes any number as the encoder does")
    func numbers() throws {
        var generator = SystemRandomNumberGenerator()
        for round in 0..<20_000 {
            var usage = Usage()
            usage.wallSeconds = Double(bitPattern: generator.next())
            usage.cpuSeconds = Double.random(in: -1e6...1e6, using: &generator)
            usage.userCPUSeconds = (Double.random(in: 0...1e9, using: &generator)).rounded() / 1000
            usage.throttledSeconds = pow(10, Double(round % 640 - 320))
            usage.ioPressureSeconds = pow(2, Double(round % 70))
            guard usage.wallSeconds?.isFinite == true, usage.throttledSeconds?.isFinite == true else { continue }
            usage.ioReadBytes = Int64(bitPattern: generator.next())
            try expectSame(usage, Settings(jobs: Int(truncatingIfNeeded: generator.next())))
        }
    }

    @Test("gives up at what JSON cannot say, and the encoder refuses it")
    func notFinite() {
        for number in [Double.nan, .infinity, -.infinity] {
            var usage = Usage()
            usage.wallSeconds = number
            #expect(StoredText.stop(usage: usage, settings: Settings()) == nil)
        }
    }

    @Test("writes a run as the encoder does, or leaves it to it")
    func runs() throws {
        var plain = Run(
            id: RunID("r"), pipeline: "p", branch: "b", commit: "c0ffee/1", image: "ubuntu:24.04",
            tools: ["make", "gcc-13"], repository: "git@example.org:a/b.git", node: "n",
            requested: Settings(jobs: 8, cpuMillicores: 4000, memoryBytes: 1 << 33),
            ci: CISystem(system: "jenkins", url: "https://ci.example.org/job/7", attempt: 2), startedAt: time(0))
        plain.context.tool = "make"
        plain.context.branch = "release/1 ~"
        var bare = plain
        bare.tools = []
        bare.ci = CISystem()
        bare.repository = nil
        bare.node = nil
        bare.context = BuildContext()
        bare.requested = Settings()
        for run in [plain, bare] { #expect(try StoredText.run(run) == encoded(run)) }
        var withContext = plain
        withContext.context.stepCount = 3
        var quoted = plain
        quoted.image = "\"/\\"
        var umlaut = plain
        umlaut.tools = ["ü"]
        var control = plain
        control.commit = "\u{7F}"
        for run in [withContext, quoted, umlaut, control, sampleRun()] {
            #expect(StoredText.run(run) == nil)
            #expect(try run.storedContent() == .text(encoded(run)))
        }
        #expect(
            StoredText.completion(RunCompletion(status: .success, durationSeconds: 1))
                == #"{"artifacts":[],"cache":{}}"#)
        #expect(StoredText.completion(sampleCompletion()) == nil)
    }

    private func expectSame(_ usage: Usage, _ settings: Settings) throws {
        guard case .text(let expected) = try StoredJSON.encode(StopContent(usage: usage, settings: settings)) else {
            return
        }
        let written = StoredText.stop(usage: usage, settings: settings)
        if written != expected { Issue.record("\(written ?? "nothing") instead of \(expected)") }
    }

    private func encoded(_ run: Run) throws -> String {
        let content = RunContent(
            commit: run.commit, image: run.image, tools: run.tools, repository: run.repository, node: run.node,
            requested: run.requested, context: run.context, ci: run.ci)
        guard case .text(let text) = try StoredJSON.encode(content) else { return "" }
        return text
    }
}
