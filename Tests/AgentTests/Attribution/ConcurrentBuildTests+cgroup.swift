import Builds
import Foundation
import Glibc
import Scaffolding
import Telemetry
import Testing

@testable import Agent

/// A real build in a real cgroup of its own, as a job's container is one.
extension ConcurrentBuildTests {
    /// Directories below this process's own cgroups for memory and for CPU time, in whichever generation there is.
    final class Cgroups {
        let paths: [String]

        init?() {
            let layout = CgroupLayout.locate(KernelRoots())
            let cpuTime = layout.v1.first { $0.controllers.contains("cpuacct") } ?? layout.unified
            guard let memory = layout.memory, let cpuTime, memory.isExact, cpuTime.isExact else { return nil }
            let name = "/inframind-attribution-\(getpid())-\(UInt32.random(in: 0 ... .max))"
            var made: [String] = []
            for path in Set([memory.path + name, cpuTime.path + name]) {
                guard mkdir(path, 0o755) == 0 else { break }
                made.append(path)
            }
            paths = made
            // A v2 cgroup with processes gives its children no controllers.
            guard made.count == Set([memory.path, cpuTime.path]).count, access(memoryMark(made), R_OK) == 0 else {
                return nil
            }
        }

        deinit { for path in paths { rmdir(path) } }
    }

    @Test(
        "A build in a cgroup of its own is told by that cgroup's counters",
        .enabled(if: hasCompiler, "needs cc and make"),
        .enabled(if: Cgroups() != nil, "needs cgroups that may be made"))
    func exact() throws {
        let cgroups = try #require(Cgroups())
        let project = try BuildProject(sources: 12)
        var configuration = Attribution.Configuration()
        configuration.usesExitRecords = false
        configuration.settleSeconds = 0.5
        configuration.kubeletPaths = []
        var loop = try AttributionLoop(configuration)
        let run = "own-cgroup-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        let enter = cgroups.paths.map { "echo $$ > \($0)/cgroup.procs" }.joined(separator: " && ")
        let command = try ReapedCommand(
            ["sh", "-c", "\(enter) && make -j2 -C \(project.path) >/dev/null"],
            environment: ["PATH": "/usr/local/bin:/usr/bin:/bin", "INFRAMIND_RUN_ID": run])
        loop.run { !$0.finished(of: run).isEmpty }
        let step = try #require(loop.finished(of: run).first)
        let end = try #require(command.end)
        try #require(end.status == 0)
        let cpu = try #require(step.usage.totalCPUSeconds)
        #expect(abs(cpu - end.cpuSeconds) <= end.cpuSeconds * 0.02, "\(cpu) s, \(end.cpuSeconds) s by wait4")
        #expect(step.cpuSource == .cgroup)
        let mark = try String(contentsOfFile: memoryMark(cgroups.paths), encoding: .utf8)
        #expect(step.usage.peakMemoryBytes.map { "\($0)\n" } == mark)
        #expect([.cgroupV1, .cgroupV2].contains(step.usage.memorySource))
        #expect(step.usage.oomKills == 0)
    }
}

private func memoryMark(_ paths: [String]) -> String {
    for path in paths {
        for file in ["memory.max_usage_in_bytes", "memory.peak"] where access("\(path)/\(file)", F_OK) == 0 {
            return "\(path)/\(file)"
        }
    }
    return ""
}
