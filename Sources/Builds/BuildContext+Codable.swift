/// The keys of `context` on the wire. GB there is GiB.
///
/// Types are read leniently where clients in the field differ (a whole number where a fraction is meant); a value that
/// cannot be what its key says is an error naming the key.
extension BuildContext: Codable {
    private struct Key: CodingKey, Hashable {
        var stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
        init(_ name: String) { stringValue = name }
    }

    /// `last_success` and `baseline` in a context, and their four fields.
    private struct WireSettings: Codable {
        var concurrency: Double?
        var cpu_req: Double?
        var mem_req_gb: Double?
        var cache_size_gb: Double?

        init(_ settings: Settings) {
            concurrency = settings.jobs.map(Double.init)
            cpu_req = settings.cpuMillicores.map(Units.cores(millicores:))
            mem_req_gb = settings.memoryBytes.map(Units.gib(bytes:))
            cache_size_gb = settings.cache?.sizeGiB
        }

        var settings: Settings {
            Settings(
                jobs: concurrency.flatMap { Int(exactly: $0.rounded()) },
                cpuMillicores: cpu_req.map(Units.millicores(cores:)),
                memoryBytes: mem_req_gb.map(Units.bytes(gib:)),
                cache: cache_size_gb.map { CompilerCache(isEnabled: true, sizeGiB: $0) })
        }
    }

    private static let known: Set<String> = [
        "tool", "repo", "branch", "image", "arch", "worker_pool", "max_rss_gb", "max_rss_bytes", "io_read_gb",
        "io_write_gb", "cache_hit_ratio", "cache_state", "num_steps", "avg_step_duration_s", "duration_s", "cost_usd",
        "changed_files", "changed_lines", "last_success", "baseline",
    ]

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        func value<T: Decodable>(_ name: String, as type: T.Type = T.self) throws -> T? {
            try container.decodeIfPresent(type, forKey: Key(name))
        }
        func count(_ name: String) throws -> Int? {
            guard let number = try value(name, as: Double.self) else { return nil }
            guard let whole = Int(exactly: number.rounded()) else {
                throw DecodingError.dataCorruptedError(
                    forKey: Key(name), in: container, debugDescription: "must be a whole number")
            }
            return whole
        }
        func memory(_ name: String) throws -> Double? {
            guard let number = try value(name, as: Double.self) else { return nil }
            guard number >= 0 else {
                throw DecodingError.dataCorruptedError(
                    forKey: Key(name), in: container, debugDescription: "must not be negative")
            }
            return number
        }
        self.init()
        tool = try value("tool")
        repository = try value("repo")
        branch = try value("branch")
        image = try value("image")
        architecture = try value("arch")
        workerPool = try value("worker_pool")
        let stated = [
            try memory("max_rss_gb").map(Units.bytes(gib:)),
            try memory("max_rss_bytes").map { Units.bytes(gib: $0 / Units.bytesPerGiB) },
        ].compactMap(\.self)
        statedPeakMemoryBytes = stated.max()
        ioReadBytes = try memory("io_read_gb").map(Units.bytes(gib:))
        ioWriteBytes = try memory("io_write_gb").map(Units.bytes(gib:))
        cacheHitRatio = try value("cache_hit_ratio")
        cacheState = try value("cache_state")
        stepCount = try count("num_steps")
        averageStepSeconds = try value("avg_step_duration_s")
        durationSeconds = try value("duration_s")
        costUSD = try value("cost_usd")
        changedFiles = try count("changed_files")
        changedLines = try count("changed_lines")
        lastSuccess = try value("last_success", as: WireSettings.self)?.settings
        baseline = try value("baseline", as: WireSettings.self)?.settings
        for key in container.allKeys where !Self.known.contains(key.stringValue) {
            extra[key.stringValue] = try container.decode(JSONValue.self, forKey: key)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        func put(_ value: (some Encodable)?, _ name: String) throws {
            try container.encodeIfPresent(value, forKey: Key(name))
        }
        try put(tool, "tool")
        try put(repository, "repo")
        try put(branch, "branch")
        try put(image, "image")
        try put(architecture, "arch")
        try put(workerPool, "worker_pool")
        try put(statedPeakMemoryBytes, "max_rss_bytes")
        try put(ioReadBytes.map(Units.gib(bytes:)), "io_read_gb")
        try put(ioWriteBytes.map(Units.gib(bytes:)), "io_write_gb")
        try put(cacheHitRatio, "cache_hit_ratio")
        try put(cacheState, "cache_state")
        try put(stepCount, "num_steps")
        try put(averageStepSeconds, "avg_step_duration_s")
        try put(durationSeconds, "duration_s")
        try put(costUSD, "cost_usd")
        try put(changedFiles, "changed_files")
        try put(changedLines, "changed_lines")
        try put(lastSuccess.map(WireSettings.init), "last_success")
        try put(baseline.map(WireSettings.init), "baseline")
        for (name, value) in extra { try put(value, name) }
    }
}
