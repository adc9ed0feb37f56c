import Builds

/// What a followed step has used from its beginning until a certain time.
struct StepReading: Hashable, Sendable {
    var key: StepKey
    /// Everything so far, and not only since the last reading.
    var usage: Usage
    /// Where the CPU time comes from.
    var cpuSource: CPUSource
    /// When it was read: of a last reading, when the step was seen to have ended.
    var time: Timestamp
    /// False while the step runs.
    var isFinal: Bool
}
