/// The largest values seen over the samples of one cgroup, and what they say about the peak that cannot be reclaimed.
public struct CgroupMemoryPeaks: Hashable, Sendable {
    public private(set) var currentBytes: Int64 = 0
    public private(set) var unreclaimableBytes: Int64 = 0
    public private(set) var reclaimableBytes: Int64 = 0
    public private(set) var sampleCount = 0

    public init() {}

    public mutating func add(_ sample: CgroupMemory) {
        currentBytes = max(currentBytes, sample.currentBytes)
        unreclaimableBytes = max(unreclaimableBytes, sample.unreclaimableBytes)
        reclaimableBytes = max(reclaimableBytes, sample.reclaimableBytes)
        sampleCount += 1
    }

    /// The high-water mark of what cannot be reclaimed, of which the kernel keeps none. `nil` without a sample.
    ///
    /// Let P be the kernel's mark of everything, and U and C what could and could not be reclaimed at that moment:
    /// P = U + C. So U = P − C, and P itself is an upper bound of every U at any time.
    /// - The largest U sampled is a lower bound, and good for steps that live long.
    /// - P − (largest C ever) is a lower bound too, and good for steps too short to be sampled: file cache mostly
    ///   grows, so the reading at the end has the largest C. Where cache was dropped between samples, the largest C
    ///   seen is too small and the difference errs upwards, which is the safe side for sizing, and never beyond P.
    ///
    /// The larger of the two, at most P, is the estimate. A mark pinned at the limit by page cache does not raise it:
    /// the cache that pins it is seen by the samples.
    ///
    /// - Parameter markBytes: P; `nil` where the kernel has none.
    public func unreclaimablePeakBytes(markBytes: Int64?) -> Int64? {
        guard sampleCount > 0 else { return nil }
        guard let markBytes else { return unreclaimableBytes }
        return min(markBytes, max(unreclaimableBytes, markBytes - reclaimableBytes))
    }
}
