import Foundation
import Telemetry
import Testing

@testable import Agent

/// A small `/proc`, removed with the test.
final class RecordedProc {
    let roots: KernelRoots

    init(without missing: Set<String> = []) throws {
        let files = [
            "stat": """
            cpu  300 10 200 9000 50 1 4 2 0 0
            cpu0 100 10 100 4000 25 1 2 1 0 0
            cpu1 200 0 100 5000 25 0 2 1 0 0
            ctxt 423105
            btime 1795427077
            processes 11625
            procs_running 2
            procs_blocked 0

            """,
            "meminfo": "MemTotal: 1000 kB\nMemFree: 400 kB\nMemAvailable: 700 kB\nSwapTotal: 0 kB\nOdd: 3\n",
            "loadavg": "0.08 0.11 2.50 1/85 11625\n",
            "pressure/cpu": "some avg10=0.00 avg60=0.48 avg300=0.65 total=84182320\n",
            "pressure/memory":
                "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=500000\n",
            "self/stat": "9 (inframind-agent) S 1 9 9 0 -1 0 0 0 0 0 150 50 0 0 20 0 1 0 100 9999 125 0\n",
        ]
        let root = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        for (name, content) in files where !missing.contains(name) {
            let url = root.appendingPathComponent(name)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(content.utf8).write(to: url)
        }
        roots = KernelRoots(procfs: root.path, sysfs: root.path)
    }

    deinit { try? FileManager.default.removeItem(atPath: roots.procfs) }
}

/// A page of text from collectors on a clock that goes on by a quarter of a second at each look.
final class RenderedPage {
    let writer: MetricsWriter
    private(set) var logged: [String] = []
    private var page: MetricsPage?

    init(_ roots: KernelRoots, constantLabels: ConstantLabels = ConstantLabels()) {
        writer = MetricsWriter(constantLabels: constantLabels)
        var time: Int64 = 0
        let clock = MetricsClock(
            monotonicNanoseconds: {
                time += 250_000_000
                return time
            }, secondsSince1970: { 1_795_427_077.25 })
        page = MetricsPage(collectors: Collectors.all(CollectorSources(roots: roots)), clock: clock) {
            [unowned self] in logged.append($0)
        }
    }

    func render(as format: MetricsWriter.Format = .prometheusText) -> String {
        page?.render(into: writer, as: format)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

@Suite struct MetricsPageTests {
    @Test("The whole page is as it should be, also when it is written over another")
    func golden() throws {
        let proc = try RecordedProc()
        let page = RenderedPage(proc.roots)
        #expect(page.render() == Self.expected)
        _ = page.render(as: .openMetrics)
        #expect(page.render() == Self.expected.replacing("scrapes_total 1\n", with: "scrapes_total 3\n"))
        #expect(page.logged.isEmpty)
    }

    @Test("A collector without data is judged 0 and its reason logged once; the others go on")
    func failure() throws {
        let proc = try RecordedProc(without: ["pressure/cpu", "pressure/memory", "stat"])
        let page = RenderedPage(proc.roots)
        let first = page.render()
        #expect(first.contains("inframind_agent_collector_success{collector=\"cpu\"} 0\n"))
        #expect(first.contains("inframind_agent_collector_success{collector=\"pressure\"} 0\n"))
        #expect(first.contains("inframind_agent_collector_success{collector=\"load\"} 1\n"))
        #expect(first.contains("inframind_node_load1 0.08\n"))
        #expect(!first.contains("inframind_node_cpu"))
        #expect(!first.contains("pressure_"))
        #expect(page.render().contains("inframind_agent_scrapes_total 2\n"))
        #expect(
            page.logged == [
                "collector cpu: \(proc.roots.procfs)/stat cannot be read: No such file or directory",
                "collector pressure: \(proc.roots.procfs)/pressure cannot be read: No such file or directory; "
                    + "add psi=1 to the kernel command line to enable it",
            ])
    }

    @Test("Without any proc file system every collector is judged 0")
    func nothing() {
        let text = RenderedPage(KernelRoots(procfs: "/nonexistent", sysfs: "/nonexistent")).render()
        for name in Collectors.names {
            #expect(text.contains("inframind_agent_collector_success{collector=\"\(name)\"} 0\n"))
        }
    }

    private static let expected = """
        # HELP inframind_node_cpu_seconds_total CPU time by CPU and mode; user time includes guests.
        # TYPE inframind_node_cpu_seconds_total counter
        inframind_node_cpu_seconds_total{cpu="0",mode="user"} 1
        inframind_node_cpu_seconds_total{cpu="0",mode="nice"} 0.1
        inframind_node_cpu_seconds_total{cpu="0",mode="system"} 1
        inframind_node_cpu_seconds_total{cpu="0",mode="idle"} 40
        inframind_node_cpu_seconds_total{cpu="0",mode="iowait"} 0.25
        inframind_node_cpu_seconds_total{cpu="0",mode="irq"} 0.01
        inframind_node_cpu_seconds_total{cpu="0",mode="softirq"} 0.02
        inframind_node_cpu_seconds_total{cpu="0",mode="steal"} 0.01
        inframind_node_cpu_seconds_total{cpu="1",mode="user"} 2
        inframind_node_cpu_seconds_total{cpu="1",mode="nice"} 0
        inframind_node_cpu_seconds_total{cpu="1",mode="system"} 1
        inframind_node_cpu_seconds_total{cpu="1",mode="idle"} 50
        inframind_node_cpu_seconds_total{cpu="1",mode="iowait"} 0.25
        inframind_node_cpu_seconds_total{cpu="1",mode="irq"} 0
        inframind_node_cpu_seconds_total{cpu="1",mode="softirq"} 0.02
        inframind_node_cpu_seconds_total{cpu="1",mode="steal"} 0.01
        # HELP inframind_node_context_switches_total Context switches.
        # TYPE inframind_node_context_switches_total counter
        inframind_node_context_switches_total 423105
        # HELP inframind_node_forks_total Processes and threads created.
        # TYPE inframind_node_forks_total counter
        inframind_node_forks_total 11625
        # HELP inframind_node_processes_running Threads that run or could run.
        # TYPE inframind_node_processes_running gauge
        inframind_node_processes_running 2
        # HELP inframind_node_processes_blocked Processes that wait for I/O.
        # TYPE inframind_node_processes_blocked gauge
        inframind_node_processes_blocked 0
        # HELP inframind_node_boot_time_seconds When the node was started, in seconds since the epoch.
        # TYPE inframind_node_boot_time_seconds gauge
        inframind_node_boot_time_seconds 1795427077
        # HELP inframind_node_memory_total_bytes Memory the kernel manages. MemTotal of the kernel.
        # TYPE inframind_node_memory_total_bytes gauge
        inframind_node_memory_total_bytes 1024000
        # HELP inframind_node_memory_free_bytes Memory in no use at all. MemFree of the kernel.
        # TYPE inframind_node_memory_free_bytes gauge
        inframind_node_memory_free_bytes 409600
        # HELP inframind_node_memory_available_bytes Memory that could be given to programs without swapping. \
        MemAvailable of the kernel.
        # TYPE inframind_node_memory_available_bytes gauge
        inframind_node_memory_available_bytes 716800
        # HELP inframind_node_memory_swap_total_bytes Swap space. SwapTotal of the kernel.
        # TYPE inframind_node_memory_swap_total_bytes gauge
        inframind_node_memory_swap_total_bytes 0
        # HELP inframind_node_load1 Load average over 1 minute.
        # TYPE inframind_node_load1 gauge
        inframind_node_load1 0.08
        # HELP inframind_node_load5 Load average over 5 minutes.
        # TYPE inframind_node_load5 gauge
        inframind_node_load5 0.11
        # HELP inframind_node_load15 Load average over 15 minutes.
        # TYPE inframind_node_load15 gauge
        inframind_node_load15 2.5
        # HELP inframind_node_pressure_waiting_seconds_total Time in which some task waited for the resource.
        # TYPE inframind_node_pressure_waiting_seconds_total counter
        inframind_node_pressure_waiting_seconds_total{resource="cpu"} 84.18232
        inframind_node_pressure_waiting_seconds_total{resource="memory"} 0
        # HELP inframind_node_pressure_stalled_seconds_total Time in which no task could run for want of the resource.
        # TYPE inframind_node_pressure_stalled_seconds_total counter
        inframind_node_pressure_stalled_seconds_total{resource="memory"} 0.5
        # HELP inframind_agent_cpu_seconds_total CPU time of the agent.
        # TYPE inframind_agent_cpu_seconds_total counter
        inframind_agent_cpu_seconds_total 2
        # HELP inframind_agent_resident_memory_bytes Resident memory of the agent, shared libraries included.
        # TYPE inframind_agent_resident_memory_bytes gauge
        inframind_agent_resident_memory_bytes 512000
        # HELP inframind_agent_collector_duration_seconds How long the collector took this time.
        # TYPE inframind_agent_collector_duration_seconds gauge
        inframind_agent_collector_duration_seconds{collector="cpu"} 0.25
        inframind_agent_collector_duration_seconds{collector="memory"} 0.25
        inframind_agent_collector_duration_seconds{collector="load"} 0.25
        inframind_agent_collector_duration_seconds{collector="pressure"} 0.25
        inframind_agent_collector_duration_seconds{collector="self"} 0.25
        # HELP inframind_agent_collector_success Whether the collector had data, 1 or 0.
        # TYPE inframind_agent_collector_success gauge
        inframind_agent_collector_success{collector="cpu"} 1
        inframind_agent_collector_success{collector="memory"} 1
        inframind_agent_collector_success{collector="load"} 1
        inframind_agent_collector_success{collector="pressure"} 1
        inframind_agent_collector_success{collector="self"} 1
        # HELP inframind_agent_scrapes_total Pages made since the agent was started, this one included.
        # TYPE inframind_agent_scrapes_total counter
        inframind_agent_scrapes_total 1
        # HELP inframind_agent_build_info The agent's version.
        # TYPE inframind_agent_build_info gauge
        inframind_agent_build_info{version="0.1.0"} 1

        """
}
