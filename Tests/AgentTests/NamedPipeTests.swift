import Foundation
import Glibc
import Scaffolding
import Synchronization
import Telemetry
import Testing

@testable import Agent

/// Pipes where files should be. Whoever opens one to read waits for a writer: theirs comes after five seconds unless the
/// test is over, so that a test fails where it would have hung.
private final class NamedPipes {
    private final class Rescue: Sendable {
        let isOver = DispatchSemaphore(value: 0)
        let readersLetGo = Mutex(0)
    }

    private let rescue = Rescue()

    init(_ paths: [String]) throws {
        for path in paths {
            try FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try #require(mkfifo(path, 0o600) == 0)
        }
        Thread.detachNewThread { [rescue] in
            guard rescue.isOver.wait(timeout: .now() + 5) == .timedOut else { return }
            for path in paths {
                // Without a reader this fails.
                let descriptor = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
                if descriptor < 0 { continue }
                rescue.readersLetGo.withLock { $0 += 1 }
                close(descriptor)
            }
        }
    }

    deinit { rescue.isOver.signal() }

    /// Whether nobody has had to wait for the writer so far.
    var areNotWaitedFor: Bool { rescue.readersLetGo.withLock { $0 } == 0 }
}

@Suite struct NamedPipeTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("A configuration that is a pipe is refused and not waited for")
    func configuration() throws {
        let path = folder.path + "/agent.yaml"
        let pipes = try NamedPipes([path])
        var configuration = AgentConfiguration()
        let refusal = #expect(throws: ConfigurationRefusal.self) { try configuration.read(file: path) }
        #expect(refusal?.lines == ["\(path): cannot be read: it is a pipe and not a file"])
        #expect(pipes.areNotWaitedFor)
    }

    @Test("A configuration may be a device that has an end")
    func device() throws {
        var configuration = AgentConfiguration()
        try configuration.read(file: "/dev/null")
        #expect(configuration == AgentConfiguration())
    }

    @Test("Neither is a token, a certificate, a key, or the token of the server")
    func secrets() throws {
        let path = folder.path + "/secret"
        let pipes = try NamedPipes([path])
        let unusable = #expect(throws: AccessToken.Unusable.self) { _ = try AccessToken(file: path) }
        #expect(unusable?.description == "\(path) cannot be read: it is a pipe and not a file")
        #expect(Outbox.token(path) == nil)
        let library = try OpenSSL()
        #expect(throws: TLSFailure.self) {
            _ = try TLSContext.server(certificate: path, key: path, library: library)
        }
        #expect(throws: TLSFailure.self) { _ = try TLSContext.client(roots: path, library: library) }
        #expect(pipes.areNotWaitedFor)
    }

    @Test("A collector whose file is a pipe fails, and the scrape does not wait", arguments: Collectors.names)
    func collectors(name: String) throws {
        let tree = folder.path
        let paths = [
            "proc/stat", "proc/meminfo", "proc/loadavg", "proc/pressure/cpu", "proc/pressure/memory",
            "proc/pressure/io",
            "proc/diskstats", "proc/net/dev", "proc/self/stat", "proc/self/io", "proc/self/mountinfo",
            "proc/self/cgroup", "proc/1/stat", "cache/stats", "cache/0/stats", "command.log", "disk/entry",
            "gradle/daemon/8.5/daemon-1.out.log",
        ].map { tree + "/" + $0 }
        let pipes = try NamedPipes(paths)
        var settings = CollectorSettings()
        settings.caches.ccacheDirectories = [tree + "/cache"]
        settings.caches.bazelCommandLogs = [tree + "/command.log"]
        settings.caches.bazelDiskCaches = [tree + "/disk"]
        settings.caches.gradleHomes = [tree + "/gradle"]
        let roots = KernelRoots(procfs: tree + "/proc", sysfs: tree + "/sys")
        let text = RenderedPage(roots, settings: settings, names: [name]).render()
        #expect(text.contains("inframind_agent_collector_success{collector=\"\(name)\"} "))
        #expect(pipes.areNotWaitedFor)
    }

    @Test("A process whose files are pipes is passed over")
    func processes() throws {
        let files = ["proc/40/stat", "proc/40/environ", "proc/40/status", "proc/40/cmdline", "proc/loadavg"]
        let pipes = try NamedPipes(files.map { folder.path + "/" + $0 })
        let proc = try ProcDirectory(KernelRoots(procfs: folder.path + "/proc", sysfs: folder.path + "/sys"))
        #expect(proc.stat(40) == nil)
        #expect(proc.environment(40, ["A"])?.contains(.text("")) != true)
        #expect(!proc.isProcess(40))
        #expect(proc.latestProcessID() == nil)
        #expect(pipes.areNotWaitedFor)
    }
}
