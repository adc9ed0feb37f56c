import Builds

/// A step that was followed to its end, and what it used.
struct FinishedStep: Hashable, Sendable {
    var key: StepKey
    var usage: Usage
    /// Where the CPU time comes from.
    var cpuSource: CPUSource
    /// When the last of it was seen.
    var endedAt: Timestamp
}
