/// What InfraMind chooses for a step: how many jobs at once, how much CPU, how much memory. `nil` means "not stated".
public struct Settings: Hashable, Sendable, Codable {
    /// Jobs at once, the `-j` of make; at least 1.
    public var jobs: Int?
    /// CPU request and limit in millicores; more than 0.
    public var cpuMillicores: Int?
    /// Memory request and limit in bytes; more than 0.
    public var memoryBytes: Int64?
    /// Whether and how to use a compiler cache.
    public var cache: CompilerCache?

    public init(jobs: Int? = nil, cpuMillicores: Int? = nil, memoryBytes: Int64? = nil, cache: CompilerCache? = nil) {
        self.jobs = jobs
        self.cpuMillicores = cpuMillicores
        self.memoryBytes = memoryBytes
        self.cache = cache
    }

    /// True when nothing at all is stated.
    public var isEmpty: Bool { jobs == nil && cpuMillicores == nil && memoryBytes == nil && cache == nil }
}

/// The compiler-cache part of ``Settings``.
public struct CompilerCache: Hashable, Sendable, Codable {
    public var isEnabled: Bool
    /// Cache size in GiB; at least 0.
    public var sizeGiB: Double

    public init(isEnabled: Bool, sizeGiB: Double) {
        self.isEnabled = isEnabled
        self.sizeGiB = sizeGiB
    }
}
