import Foundation
import Telemetry

/// The recorded trees, one folder for each machine shape.
///
/// - `hybrid`: Linux 6.18, v1 hierarchies beside a v2 one; the process is in `/job-1` of each, after an OOM kill and
///   with page cache, shared and anonymous memory.
/// - `v2-slice`: Linux 6.1, v2 only; the process is in `/ci.slice/job.scope`, after an OOM kill, throttled, with disk
///   I/O.
enum Fixture {
    static func path(_ relative: String) -> String {
        Bundle.module.resourceURL?.appendingPathComponent("Fixtures/" + relative).path ?? relative
    }

    static func roots(_ machine: String) -> KernelRoots {
        KernelRoots(procfs: path(machine + "/proc"), sysfs: path(machine + "/sys"))
    }

    static func text(_ relative: String) throws -> String {
        try String(contentsOfFile: path(relative), encoding: .utf8)
    }
}

/// A tree of small files made for one test, removed with it.
final class TemporaryTree {
    let path: String

    init(_ files: [String: String] = [:]) throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        for (name, content) in files { try put(name, content) }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var roots: KernelRoots { KernelRoots(procfs: path + "/proc", sysfs: path + "/sys") }

    func put(_ name: String, _ content: String) throws {
        let url = URL(fileURLWithPath: path).appendingPathComponent(name)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try content.write(to: url, atomically: true, encoding: .utf8)
    }
}
