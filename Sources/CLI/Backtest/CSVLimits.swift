/// How much of a file is taken at most. Far beyond what a CI records; a file that exceeds it is another file.
struct CSVLimits: Hashable, Sendable {
    var recordBytes = 1 << 20
    var columns = 1000
    /// A row takes about a kilobyte of memory in the end.
    var rows = 1_000_000
}
