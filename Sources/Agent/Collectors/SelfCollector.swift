import Glibc
import Telemetry

/// `/proc/self`: what the agent itself costs.
final class SelfCollector: Collector {
    let name = "self"
    private let file: KernelFile
    private let buffer: KernelBuffer
    private let failure: CollectorFailure

    private static let ticksPerSecond = Int64(KernelStat.ticksPerSecond)
    private static let pageBytes = Int64(max(1, sysconf(Int32(_SC_PAGESIZE))))

    init(_ sources: CollectorSources) {
        file = KernelFile(sources.roots.procfs + "/self/stat")
        buffer = sources.buffer
        failure = CollectorFailure(reason: "\(file.path) cannot be read")
    }

    func collect(into page: MetricsWriter) throws(CollectorFailure) {
        var fields = try file.read(into: buffer, orFail: failure)
        // The name, which may hold anything, ends at the *last* parenthesis.
        guard fields.skip(pastLast: UInt8(ascii: ")")) else { throw failure }
        // Numbers as in proc(5): the state is field 3, user and system time are 14 and 15, resident pages 24.
        for _ in 3..<14 { _ = fields.word() }
        guard let user = fields.number(), let system = fields.number() else { throw failure }
        for _ in 16..<24 { _ = fields.word() }
        guard let pages = fields.number() else { throw failure }
        page.counter("inframind_agent_cpu_seconds_total", help: "CPU time of the agent.")
        page.sample(user &+ system, per: Self.ticksPerSecond)
        page.gauge(
            "inframind_agent_resident_memory_bytes", help: "Resident memory of the agent, shared libraries included.")
        page.sample(pages &* Self.pageBytes)
    }
}
