import Glibc

/// The cgroup the wrapper already lives in, watched for the time of a step: what is left when the step gets none of its
/// own, and always the place of quotas above the step.
final class SharedCgroup: Sendable {
    /// Accounts for memory; `nil` where none does, as at the root of a hierarchy.
    let memory: CgroupDirectory?
    /// True when nobody but the wrapper, its ancestors and descendants was in it at the start.
    let wasOursAlone: Bool
    private let quotas: [CgroupDirectory]
    private let throttledSecondsBefore: [CgroupDirectory: Double]
    private let oomCounter: CgroupDirectory?
    private let oomKillsBefore: Int64?
    private let peakBytesBefore: Int64?
    /// An open `memory.peak` that has been reset for this descriptor alone (Linux 6.12 and later), or -1.
    private let resetPeakDescriptor: Int32

    init(_ layout: CgroupLayout, _ tree: ProcessTree) {
        memory = layout.memory.flatMap { $0.isHierarchyRoot ? nil : $0 }
        quotas = layout.cpu?.selfAndAncestors ?? []
        throttledSecondsBefore = Self.throttledSeconds(quotas)
        oomCounter = layout.memory
        oomKillsBefore = layout.memory.flatMap(CgroupMemory.oomKills)
        peakBytesBefore = memory.flatMap(CgroupMemory.peakBytes)
        wasOursAlone = memory.map { CgroupDelegation.isOursAlone($0, tree) } ?? false
        resetPeakDescriptor = memory.map(Self.resetPeak) ?? -1
    }

    deinit {
        if resetPeakDescriptor >= 0 { close(resetPeakDescriptor) }
    }

    /// Processes killed for memory in this cgroup since the start.
    func oomKills() -> Int64? {
        guard let before = oomKillsBefore, let after = oomCounter.flatMap(CgroupMemory.oomKills) else { return nil }
        return counterDelta(from: before, to: after)
    }

    /// The high-water mark, if it was set since the start: an older one tells nothing about the step.
    func peakBytes() -> Int64? {
        if resetPeakDescriptor >= 0 {
            return (try? KernelText(descriptor: resetPeakDescriptor, path: "memory.peak"))?.number
        }
        guard let before = peakBytesBefore, let after = memory.flatMap(CgroupMemory.peakBytes), after > before else {
            return nil
        }
        return after
    }

    /// Seconds any quota on the path stopped the cgroup. Quotas of nested cgroups overlap, so the longest counts.
    func throttledSeconds() -> Double? {
        let after = Self.throttledSeconds(quotas)
        return throttledSecondsBefore.compactMap { directory, before in
            after[directory].map { $0 >= before ? $0 - before : $0 }
        }.max()
    }

    private static func throttledSeconds(_ directories: [CgroupDirectory]) -> [CgroupDirectory: Double] {
        Dictionary(
            directories.compactMap { directory in
                CgroupThrottling.read(directory).map { (directory, $0.throttledSeconds) }
            }, uniquingKeysWith: { first, _ in first })
    }

    private static func resetPeak(_ directory: CgroupDirectory) -> Int32 {
        guard directory.version == .v2 else { return -1 }  // in v1 a reset would be everybody's
        let descriptor = open(directory.path + "/memory.peak", O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { return -1 }
        guard write(descriptor, "reset", 5) == 5 else {
            close(descriptor)
            return -1
        }
        return descriptor
    }
}
