import Telemetry

/// `/proc/meminfo`: what decides whether another build fits.
struct MemoryCollector: Collector {
    let roots: KernelRoots
    let name = "memory"

    /// Kernel name, metric name, help. Lines a kernel does not have are left out.
    private static let fields: [(key: String, metric: String, help: String)] = [
        ("MemTotal", "total", "Memory the kernel manages."),
        ("MemFree", "free", "Memory in no use at all."),
        ("MemAvailable", "available", "Memory that could be given to programs without swapping."),
        ("Buffers", "buffers", "Buffers of block devices."),
        ("Cached", "cached", "Page cache, shared memory included."),
        ("Shmem", "shared", "Shared memory and tmpfs."),
        ("AnonPages", "anonymous", "Anonymous memory."),
        ("Dirty", "dirty", "Page cache not written to storage yet."),
        ("SReclaimable", "slab_reclaimable", "Kernel caches that can be shrunk."),
        ("SUnreclaim", "slab_unreclaimable", "Kernel memory that cannot be shrunk."),
        ("Committed_AS", "committed", "Memory programs have been promised."),
        ("SwapTotal", "swap_total", "Swap space."),
        ("SwapFree", "swap_free", "Swap space in no use."),
    ]

    func collect(into page: inout PrometheusText) throws(CollectorFailure) {
        guard let info = MemInfo.read(roots) else {
            throw CollectorFailure(reason: "\(roots.procfs)/meminfo cannot be read")
        }
        for field in Self.fields {
            guard let bytes = info.bytes[field.key] else { continue }
            page.gauge(
                "inframind_node_memory_\(field.metric)_bytes", help: "\(field.help) \(field.key) of the kernel.",
                [.init(value: Double(bytes))])
        }
    }
}
