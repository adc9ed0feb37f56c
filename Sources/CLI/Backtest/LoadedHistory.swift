import Optimizer

/// Recorded builds, and what was left out.
struct LoadedHistory: Sendable {
    var history: RecordedHistory
    /// Where they come from, for people.
    var origin: String
    var pipelineCount: Int
    var skipped: [SkipReason: Int] = [:]
    /// Builds whose request is known.
    var requestCount = 0
}

/// Why a row, or an attempt that a server knows, is no build to learn from.
enum SkipReason: String, Hashable, Sendable, Codable, CaseIterable {
    case withoutPipeline = "no pipeline is named"
    case withoutPeak = "no peak memory was recorded, or zero"
    case absurdPeak = "the peak cannot be that of a build"
    case unfinished = "it never finished: no duration, or a status that says so"
    case withoutOrder = "its place in the order is missing"
    case repeated = "it is in the file twice"
    case killed = "it was killed for memory; the attempt that followed tells the peak"
}
