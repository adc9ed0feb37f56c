import Foundation
import Synchronization
import Telemetry
import Testing

@testable import Agent

@Suite struct CompilerCacheCollectorTests {
    private static let recorded = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("TelemetryTests/Fixtures").path

    private func page(_ name: String, _ settings: CollectorSettings) -> RenderedPage {
        RenderedPage(KernelRoots(procfs: "/nonexistent", sysfs: "/nonexistent"), settings: settings, names: [name])
    }

    @Test("Bazel's disk cache has its size, and a build that ends is counted")
    func bazel() throws {
        let summary = "INFO: 5 processes: 2 disk cache hit, 1 internal, 2 linux-sandbox.\n"
        let tree = try MachineTree(["disk/ac/00/a": "12345", "disk/cas/ff/b": "1234567890", "command.log": summary])
        var settings = CollectorSettings()
        settings.caches.bazelDiskCaches = [tree.path + "/disk", "/nonexistent"]
        settings.caches.bazelCommandLogs = [tree.path + "/command.log"]
        // The page's clock stands still, years before the log was written: the log is not being written now.
        var time: Int64 = 0
        let clock = MetricsClock(monotonicNanoseconds: { time }, secondsSince1970: { 0 })
        let sources = CollectorSources(
            settings: settings, clock: clock, background: BackgroundThread(isImmediate: true))
        let page = MetricsPage(collectors: [BazelCollector(sources)], clock: clock, log: { _ in })
        let writer = MetricsWriter()
        func text() -> String {
            page.render(into: writer, as: .prometheusText)
            return String(decoding: writer.bytes, as: UTF8.self)
        }
        let first = text()
        #expect(first.contains("inframind_bazel_disk_cache_size_bytes{directory=\"\(tree.path)/disk\"} 15\n"))
        #expect(first.contains("inframind_bazel_disk_cache_complete{directory=\"\(tree.path)/disk\"} 1\n"))
        #expect(!first.contains("/nonexistent"))
        #expect(first.contains("inframind_bazel_builds_total{log=\"\(tree.path)/command.log\"} 0\n"))
        try tree.put("command.log", "Loading:\n" + summary)
        #expect(text().contains("inframind_bazel_builds_total{log=\"\(tree.path)/command.log\"} 0\n"), "too soon")
        time += 5_000_000_000
        let second = text()
        #expect(second.contains("inframind_bazel_builds_total{log=\"\(tree.path)/command.log\"} 1\n"))
        #expect(second.contains("command.log\",result=\"disk_cache_hit\"} 2\n"))
        #expect(second.contains("command.log\",result=\"executed\"} 2\n"))
    }

    @Test("Gradle's build cache is counted by entries, without its lock and its lists")
    func gradle() throws {
        let entry = String(repeating: "0a", count: 16)
        let tree = try MachineTree([
            "caches/build-cache-1/\(entry)": "123", "caches/build-cache-1/build-cache-1.lock": "12345",
            "caches/build-cache-1/gc.properties": "", "daemon/4.4.1/daemon-1.out.log": "\n",
        ])
        var settings = CollectorSettings()
        settings.caches.gradleHomes = [tree.path]
        let text = page("gradle", settings).render()
        #expect(text.contains("inframind_gradle_build_cache_entries{home=\"\(tree.path)\"} 1\n"))
        #expect(text.contains("inframind_gradle_build_cache_size_bytes{home=\"\(tree.path)\"} 3\n"))
        #expect(text.contains("inframind_gradle_tasks_total{home=\"\(tree.path)\",outcome=\"from_cache\"} 0\n"))
    }

    @Test(
        "A cache that cannot be read says why, and how to enable it",
        arguments: ["ccache", "sccache", "bazel", "gradle"])
    func reasons(name: String) throws {
        let unconfigured = page(name, CollectorSettings())
        #expect(unconfigured.render().contains("success{collector=\"\(name)\"} 0\n"))
        #expect(unconfigured.logged.first?.contains("; name ") == true)
        var settings = CollectorSettings()
        settings.caches.ccacheDirectories = ["/nonexistent"]
        settings.caches.sccachePorts = [1]
        settings.caches.bazelDiskCaches = ["/nonexistent"]
        settings.caches.gradleHomes = ["/nonexistent"]
        let unreadable = page(name, settings)
        #expect(unreadable.render().contains("success{collector=\"\(name)\"} 0\n"))
        let line = try #require(unreadable.logged.first)
        #expect(line.contains(name == "sccache" ? "port 1; " : "/nonexistent; "))
        _ = unreadable.render()
        #expect(unreadable.logged.count == 1)
    }

    @Test("What a user's builds would use is found in the environment")
    func found() throws {
        let tree = try MachineTree([".ccache/x": "", ".gradle/caches/build-cache-1/x": "", "other/x": ""])
        typealias Caches = CollectorSettings.CompilerCaches
        let home = Caches.found(environment: ["HOME": tree.path])
        #expect(home.ccacheDirectories == [tree.path + "/.ccache"])
        #expect(home.gradleHomes == [tree.path + "/.gradle"])
        #expect(home.sccachePorts == [4226])
        let named = Caches.found(environment: [
            "HOME": tree.path, "CCACHE_DIR": tree.path + "/other", "GRADLE_USER_HOME": "/nonexistent",
            "SCCACHE_SERVER_PORT": "4300",
        ])
        #expect(named.ccacheDirectories == [tree.path + "/other"])
        #expect(named.gradleHomes.isEmpty)
        #expect(named.sccachePorts == [4300])
        #expect(Caches.found(environment: [:]).ccacheDirectories.isEmpty)
    }

    @Test("An sccache server whose numbers do not move is left alone for longer than it waits to end itself")
    func patience() throws {
        var statistics = try #require(
            SCCacheStatistics(
                showStatsJSON: String(contentsOfFile: Self.recorded + "/sccache-0.4/show-stats.json", encoding: .utf8)))
        let time = Mutex(0.0)
        let asked = Mutex(0)
        let answer = Mutex<SCCacheStatistics?>(statistics)
        nonisolated(unsafe) let timeOf = { time.withLock { $0 } }
        var patience = SCCachePatience(
            port: 1, clock: { timeOf() },
            request: { _ in
                asked.withLock { $0 += 1 }
                return answer.withLock { $0 }
            })
        #expect(patience.ask() == statistics)
        time.withLock { $0 = 15 }
        #expect(patience.ask() == statistics)
        time.withLock { $0 = 30 }
        #expect(patience.ask() == statistics)
        #expect(asked.withLock { $0 } == 2, "it had not moved")
        time.withLock { $0 = 15 + 601 }
        _ = patience.ask()
        #expect(asked.withLock { $0 } == 2, "it may have ended itself by now")
        statistics.compileRequests += 1
        answer.withLock { $0 = statistics }
        time.withLock { $0 = 15 + 660 }
        #expect(patience.ask() == statistics)
        #expect(patience.ask() == statistics)
        #expect(asked.withLock { $0 } == 4, "it moves, and is asked each time again")
    }

    /// Waits until `isTrue`, on behalf of a thread that has been told to do something.
    private func happens(_ isTrue: () -> Bool) -> Bool {
        let deadline = Date().addingTimeInterval(30)
        while !isTrue() {
            if Date() > deadline { return false }
            sched_yield()
        }
        return true
    }

    @Test("A reading beside the scrapes is made once a period, and nobody waits for it")
    func background() throws {
        let begun = DispatchSemaphore(value: 0)
        let goOn = DispatchSemaphore(value: 0)
        let count = Mutex(0)
        let thread = BackgroundThread()
        let reading = BackgroundReading(everySeconds: 10, on: thread) {
            begun.signal()
            goOn.wait()
            return count.withLock { count in
                count += 1
                return count
            }
        }.start()
        #expect(throws: CollectorFailure.self) { try reading.latestOrFailure(at: 0) }
        begun.wait()
        #expect(reading.latest(at: 20_000_000_000) == nil, "it is under way")
        #expect(throws: CollectorFailure.self) { try reading.latestOrFailure(at: 200_000_000_000) }
        goOn.signal()
        #expect(happens { reading.latest(at: 1) == 1 })
        #expect(reading.latest(at: 9_999_999_999) == 1)
        #expect(reading.latest(at: 10_000_000_000) == 1, "asks for another and shows what there is")
        begun.wait()
        goOn.signal()
        #expect(happens { reading.latest(at: 10_000_000_001) == 2 })
    }
}
