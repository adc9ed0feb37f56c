import Builds
import Glibc
import Scaffolding
import Telemetry
import Testing

@testable import Agent

/// Drives an attribution as the agent's loop does.
struct AttributionLoop {
    var attribution: Attribution
    private(set) var finished: [StepReading] = []

    init(_ configuration: Attribution.Configuration) throws { attribution = try Attribution(configuration) }

    /// The steps of runs whose ID begins so.
    func finished(of run: String) -> [StepReading] { finished.filter { $0.key.runID.hasPrefix(run) } }

    /// Until `isDone`, for at most two minutes.
    mutating func run(until isDone: (AttributionLoop) -> Bool) {
        let deadline = monotonicSeconds() + 120
        while !isDone(self), monotonicSeconds() < deadline {
            finished += attribution.observe(at: .now()).filter(\.isFinal)
            var entries = attribution.interests.map(pollfd.init)
            let wait = max(0, min(1, attribution.nextLookSeconds - monotonicSeconds()))
            poll(&entries, nfds_t(entries.count), Int32((wait * 1000).rounded(.up)))
        }
    }
}

/// Real compilers under a real make, two at a time, measured from outside and by `wait4`.
@Suite(.serialized) struct ConcurrentBuildTests {
    /// What the agent may use.
    struct Case: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var usesExitRecords: Bool
        /// What each build is started with; `MAKE` stands for the build itself.
        var shell: String
        var sources: Set<CPUSource>
    }

    static let hasCompiler = ["cc", "make", "sh"].allSatisfy { name in
        ["/usr/bin/", "/bin/", "/usr/local/bin/"].contains { access($0 + name, X_OK) == 0 }
    }
    static let exitRecordsReason: String? = {
        do throws(ExitRecordListener.Unavailable) {
            _ = try ExitRecordListener(KernelRoots())
            return nil
        } catch {
            return error.description
        }
    }()

    static let recordCases = [
        Case(
            testDescription: "started with the variables", usesExitRecords: true, shell: "exec MAKE",
            sources: [.exitRecords, .zombie]),
        Case(
            testDescription: "started by a shell without them, which ends as well", usesExitRecords: true,
            shell: "RUN MAKE; true", sources: [.exitRecords, .zombie]),
    ]

    @Test(
        "CPU seconds of two builds at once agree with wait4 within 2 %, unprivileged",
        .enabled(if: hasCompiler, "needs cc and make"))
    func byReaper() throws {
        try agree(
            Case(
                // Each build has a reaper of its own that lives on: this process reaps others' commands as well.
                testDescription: "by who reaps them", usesExitRecords: false, shell: "RUN MAKE; sleep 3",
                sources: [.parent, .zombie]))
    }

    @Test(
        "CPU seconds of two builds at once agree with wait4 within 2 %, by the kernel's exit records",
        .enabled(if: hasCompiler, "needs cc and make"),
        .enabled(if: exitRecordsReason == nil, "needs CAP_NET_ADMIN and the initial network namespace"),
        arguments: recordCases)
    func byExitRecords(_ row: Case) throws { try agree(row) }

    private func agree(_ row: Case) throws {
        let projects = [try BuildProject(sources: 12), try BuildProject(sources: 18)]
        var configuration = Attribution.Configuration()
        configuration.usesExitRecords = row.usesExitRecords
        configuration.settleSeconds = 0.5
        configuration.kubeletPaths = []
        var loop = try AttributionLoop(configuration)
        // The node may have builds of others.
        let run = "two-builds-\(getpid())-\(UInt32.random(in: 0 ... .max))-"
        let commands = try projects.enumerated().map { index, project in
            let key = ["INFRAMIND_RUN_ID": run + String(index), "INFRAMIND_STEP_ID": "step\(index)"]
            let words = key.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
            // The variables come with the build, or are set by a shell that has not got them itself.
            let script = row.shell.replacing("RUN", with: words).replacing("MAKE", with: "make -j2 -C \(project.path)")
            var environment = ["PATH": "/usr/local/bin:/usr/bin:/bin"]
            if !row.shell.contains("RUN") { environment.merge(key) { $1 } }
            return try ReapedCommand(["sh", "-c", script], environment: environment)
        }
        loop.run { $0.finished(of: run).count == 2 && commands.allSatisfy { $0.end != nil } }
        try #require(loop.finished(of: run).count == 2)
        for step in loop.finished(of: run) {
            let index = try #require(Int(step.key.runID.suffix(1)))
            let end = try #require(commands[index].end)
            #expect(end.status == 0)
            #expect(end.cpuSeconds > 2, "the builds are large enough to tell 2 %")
            let cpu = try #require(step.usage.totalCPUSeconds)
            #expect(
                abs(cpu - end.cpuSeconds) <= end.cpuSeconds * 0.02,
                "\(row.testDescription): \(cpu) s by \(step.cpuSource.name), \(end.cpuSeconds) s by wait4")
            #expect(row.sources.contains(step.cpuSource), "\(step.cpuSource)")
            // A compiler of some forty megabytes is the largest single process, whoever measures it.
            let peak = try #require(step.usage.peakRSSBytes)
            #expect(peak <= end.maxRSSBytes + 4 << 20)
            #expect(step.usage.peakMemoryBytes ?? 0 >= peak)
        }
    }
}

extension pollfd {
    init(_ interest: DescriptorInterest) {
        self.init(
            fd: interest.descriptor, events: Int16(interest.isForWriting ? POLLOUT : POLLIN), revents: 0)
    }
}
