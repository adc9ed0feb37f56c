extension Bounds {
    /// Bytes in one line of a batch. A run with ``steps`` steps and every field has about half of it.
    public static let lineBytes = 1 << 20
    /// Lines in one batch: at a hundred thousand steps per second some ten seconds of work.
    public static let batchLines = 1_000_000
    /// Bad lines that the answer to a batch lists; the others are counted.
    public static let listedProblems = 100
}
