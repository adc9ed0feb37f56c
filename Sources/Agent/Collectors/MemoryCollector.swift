import Telemetry

/// `/proc/meminfo`: what decides whether another build fits.
final class MemoryCollector: Collector {
    let name = "memory"
    private let file: KernelFile
    private let buffer: KernelBuffer
    private let failure: CollectorFailure

    /// The kernel's name and ours, in the order of the page. Lines a kernel does not have are left out.
    private static let fields: [(key: StaticString, metric: StaticString, help: StaticString)] = [
        ("MemTotal", "inframind_node_memory_total_bytes", "Memory the kernel manages. MemTotal of the kernel."),
        ("MemFree", "inframind_node_memory_free_bytes", "Memory in no use at all. MemFree of the kernel."),
        (
            "MemAvailable", "inframind_node_memory_available_bytes",
            "Memory that could be given to programs without swapping. MemAvailable of the kernel."
        ),
        ("Buffers", "inframind_node_memory_buffers_bytes", "Buffers of block devices. Buffers of the kernel."),
        ("Cached", "inframind_node_memory_cached_bytes", "Page cache, shared memory included. Cached of the kernel."),
        ("Shmem", "inframind_node_memory_shared_bytes", "Shared memory and tmpfs. Shmem of the kernel."),
        ("AnonPages", "inframind_node_memory_anonymous_bytes", "Anonymous memory. AnonPages of the kernel."),
        (
            "Dirty", "inframind_node_memory_dirty_bytes",
            "Page cache not written to storage yet. Dirty of the kernel."
        ),
        (
            "SReclaimable", "inframind_node_memory_slab_reclaimable_bytes",
            "Kernel caches that can be shrunk. SReclaimable of the kernel."
        ),
        (
            "SUnreclaim", "inframind_node_memory_slab_unreclaimable_bytes",
            "Kernel memory that cannot be shrunk. SUnreclaim of the kernel."
        ),
        (
            "Committed_AS", "inframind_node_memory_committed_bytes",
            "Memory programs have been promised. Committed_AS of the kernel."
        ),
        ("SwapTotal", "inframind_node_memory_swap_total_bytes", "Swap space. SwapTotal of the kernel."),
        ("SwapFree", "inframind_node_memory_swap_free_bytes", "Swap space in no use. SwapFree of the kernel."),
    ]

    /// Bytes in the order of ``fields``; -1 where the kernel has no such line.
    private var values = [Int64](repeating: -1, count: fields.count)

    init(_ sources: CollectorSources) {
        file = KernelFile(sources.roots.procfs + "/meminfo")
        buffer = sources.buffer
        failure = CollectorFailure(reason: "\(file.path) cannot be read")
    }

    func collect(into page: MetricsWriter) throws(CollectorFailure) {
        var cursor = try file.read(into: buffer, orFail: failure)
        for index in 0..<values.count { values[index] = -1 }
        repeat {
            let key = cursor.word()
            guard let index = Self.index(of: key), let kibibytes = cursor.number(), kibibytes >= 0
            else { continue }
            let (bytes, overflow) = kibibytes.multipliedReportingOverflow(by: 1024)
            values[index] = overflow ? .max : bytes
        } while cursor.nextLine()
        guard values[0] > 0 else { throw failure }
        for index in 0..<values.count where values[index] >= 0 {
            page.gauge(Self.fields[index].metric, help: Self.fields[index].help)
            page.sample(values[index])
        }
    }

    /// The place in ``fields`` of a key with its colon.
    private static func index(of key: UnsafeRawBufferPointer) -> Int? {
        guard key.ends(with: ":") else { return nil }
        let name = key.part(0..<key.count - 1)
        for index in 0..<fields.count where name.isEqual(to: fields[index].key) { return index }
        return nil
    }
}
