import Foundation
import Telemetry
import Testing

@testable import Agent

/// Recorded machines, each with the page the agent makes of it.
///
/// To write the pages anew after a change, run the tests once with `INFRAMIND_REGENERATE_PAGES=1` and read the
/// difference before it is committed.
@Suite struct GoldenPageTests {
    /// Beside the tests of the parsers, which read the same trees.
    private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("TelemetryTests/Fixtures")

    /// A name, and what is particular about the machine.
    static let machines = [
        "v1-joint",  // Docker host; cpu and cpuacct in one v1 hierarchy, no v2; disks of every kind
        "v2-slice",  // Linux 6.1, v2 only, a job's slice after an OOM kill
        "hybrid",  // Linux 6.18, v1 hierarchies beside a v2 one; compilers running; a process with a hostile name
        "v2-container",  // a private cgroup namespace: the container's own cgroup at the mount point
        "v2-kubernetes-no-psi",  // a node's view of its pods; a kernel without pressure stall information
    ]

    private static func settings() -> CollectorSettings {
        var settings = CollectorSettings()
        settings.processGroups = [
            .init(name: "build", commands: ["ninja", "make"]), .init(name: "agents", commands: ["inframind-*"]),
        ]
        settings.caches.ccacheDirectories = [fixtures.path + "/ccache-4.14/cache", "/nonexistent"]
        return settings
    }

    private static func page(_ machine: String, _ format: MetricsWriter.Format) -> String {
        let folder = fixtures.appendingPathComponent(machine).path
        let roots = KernelRoots(procfs: folder + "/proc", sysfs: folder + "/sys")
        let page = RenderedPage(roots, settings: settings(), names: Collectors.names)
        let text = page.render(as: format)
        let second = page.render(as: format)
        #expect(second.split(separator: "\n").count == text.split(separator: "\n").count)
        return text.replacing(fixtures.path, with: "/fixtures")
    }

    @Test("Each recorded machine has its page, byte for byte", arguments: machines)
    func golden(machine: String) throws {
        let file = Self.fixtures.appendingPathComponent(machine).appendingPathComponent("metrics.txt")
        let text = Self.page(machine, .prometheusText)
        if ProcessInfo.processInfo.environment["INFRAMIND_REGENERATE_PAGES"] == "1" {
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        let expected = try String(contentsOf: file, encoding: .utf8)
        // Line by line first: a page of three hundred lines is no readable difference.
        let lines = zip(text.split(separator: "\n"), expected.split(separator: "\n"))
        if let (line, wanted) = lines.first(where: { $0 != $1 }) { #expect(line == wanted) }
        #expect(text == expected)
    }

    @Test("No page shows what comes and goes: pods, containers, their cables", arguments: machines)
    func cardinality(machine: String) {
        let text = Self.page(machine, .prometheusText)
        for name in ["-pod", "cri-containerd", "4f2c9a7e1b0d", "veth", "cali", "loop", "nvme0n1p1", "sda1"] {
            #expect(!text.contains(name), "\(name)")
        }
    }

    @Test(
        "Every page passes Prometheus' own check",
        .enabled(if: access("/usr/bin/promtool", X_OK) == 0, "promtool is not installed"), arguments: machines)
    func promtool(machine: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/promtool")
        process.arguments = ["check", "metrics"]
        let input = Pipe()
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        process.standardError = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(Self.page(machine, .prometheusText).utf8))
        try input.fileHandleForWriting.close()
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(said == "")
    }
}
