import Builds

extension BuildStepBody: ScannedBody {
    private static let names: [StaticString] = [
        "run_id", "stage", "step", "span_id", "event", "timestamp", "counters",
    ]

    /// - Returns: `nil` when only a decoder can say what it is.
    public init?(_ scanner: inout JSONScanner) {
        var runID, stage, step, spanID, timestamp: String?
        var event: Event?
        var counters: Counters?
        let isRead = scanner.object(Self.names) { scanner, field in
            switch field {
            case 0: scanner.required(&runID) { $0.string() }
            case 1: scanner.required(&stage) { $0.string() }
            case 2: scanner.required(&step) { $0.string() }
            case 3: scanner.required(&spanID) { $0.string() }
            case 4: scanner.required(&event) { $0.string().flatMap(Event.init) }
            case 5: scanner.required(&timestamp) { $0.string() }
            default: scanner.optional(&counters) { Counters(&$0) }
            }
        }
        guard isRead, let runID, let stage, let step, let spanID, let event, let timestamp else { return nil }
        self.runID = runID
        self.stage = stage
        self.step = step
        self.spanID = spanID
        self.event = event
        self.timestamp = timestamp
        self.counters = counters
        // Rare, and left to the decoder.
        isFinal = nil
    }
}

extension Counters {
    private static let names: [StaticString] = [
        "cpu_time_s", "cpu_user_s", "cpu_system_s", "wall_s", "rss_max_bytes", "peak_memory_bytes",
        "unreclaimable_peak_bytes", "memory_source", "io_r_bytes", "io_w_bytes", "voluntary_context_switches",
        "involuntary_context_switches", "cache_hits", "cache_misses", "throttled_s", "psi_cpu_s", "psi_memory_s",
        "psi_io_s", "oom_kills", "exit_code", "signal", "settings",
    ]

    /// - Returns: `nil` when only a decoder can say what it is.
    init?(_ scanner: inout JSONScanner) {
        self.init()
        let isRead = scanner.object(Self.names) { scanner, field in
            switch field {
            case 0: scanner.optional(&cpuSeconds) { $0.number() }
            case 1: scanner.optional(&userCPUSeconds) { $0.number() }
            case 2: scanner.optional(&systemCPUSeconds) { $0.number() }
            case 3: scanner.optional(&wallSeconds) { $0.number() }
            case 4: scanner.optional(&peakRSSBytes) { $0.number() }
            case 5: scanner.optional(&peakMemoryBytes) { $0.number() }
            case 6: scanner.optional(&unreclaimablePeakBytes) { $0.number() }
            case 7: scanner.optional(&memorySource) { $0.string().flatMap(MemorySource.init) }
            case 8: scanner.optional(&ioReadBytes) { $0.number() }
            case 9: scanner.optional(&ioWriteBytes) { $0.number() }
            case 10: scanner.optional(&voluntaryContextSwitches) { $0.number() }
            case 11: scanner.optional(&involuntaryContextSwitches) { $0.number() }
            case 12: scanner.optional(&cacheHits) { $0.number() }
            case 13: scanner.optional(&cacheMisses) { $0.number() }
            case 14: scanner.optional(&throttledSeconds) { $0.number() }
            case 15: scanner.optional(&cpuPressureSeconds) { $0.number() }
            case 16: scanner.optional(&memoryPressureSeconds) { $0.number() }
            case 17: scanner.optional(&ioPressureSeconds) { $0.number() }
            case 18: scanner.optional(&oomKills) { $0.number() }
            case 19: scanner.optional(&exitCode) { $0.integer() }
            case 20: scanner.optional(&signal) { $0.integer() }
            default: scanner.optional(&settings) { RequestedResources(&$0) }
            }
        }
        if !isRead { return nil }
    }

    private init() {}
}

extension RequestedResources {
    private static let names: [StaticString] = ["cpu", "mem_gb", "concurrency"]

    /// - Returns: `nil` when only a decoder can say what it is.
    init?(_ scanner: inout JSONScanner) {
        cpu = nil
        memoryGiB = nil
        concurrency = nil
        let isRead = scanner.object(Self.names) { scanner, field in
            switch field {
            case 0: scanner.optional(&cpu) { $0.number() }
            case 1: scanner.optional(&memoryGiB) { $0.number() }
            default: scanner.optional(&concurrency) { $0.number() }
            }
        }
        if !isRead { return nil }
    }
}
