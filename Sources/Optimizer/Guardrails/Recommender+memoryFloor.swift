import Builds

extension Recommender {
    /// What a step gets at least after it was killed at a limit, until one of its runs finishes: see
    /// ``OOMFloorGuardrail``. A cap that the caller states still holds.
    ///
    /// - Parameter limitBytes: the limit it died at, else the peak it reached.
    public static func memoryFloorBytes(afterKillAt limitBytes: Int64) -> Int64 {
        let floor = OOMWatch.floorFactor * Units.gib(bytes: limitBytes)
        return Units.bytes(gib: min(floor, SettingsRange.memoryGiB.upperBound))
    }
}

extension Ticket {
    /// OOM risk the run was sized for, per run.
    public var acceptedRisk: Double { memory.risk }
    /// Memory it would have had without a recommendation, GiB; `nil` when nobody said.
    public var declaredMemoryGiB: Double? { declared?.memoryGiB }
}
