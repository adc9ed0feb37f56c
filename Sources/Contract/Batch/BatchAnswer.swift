/// The answer of `POST /batch`: how many lines were taken, and what is wrong with those that were not.
///
/// All lines that are counted as accepted or unchanged are durable. The same batch again changes nothing.
public struct BatchAnswer: Codable, Hashable, Sendable {
    /// Lines that changed something.
    public var accepted: Int
    /// Lines that said what was known.
    public var unchanged: Int
    /// Lines of which nothing was kept.
    public var refused: Int
    /// The first ``Bounds/listedProblems`` refused lines, in their order.
    public var problems: [LineProblem]

    public init() {
        accepted = 0
        unchanged = 0
        refused = 0
        problems = []
    }
}

/// Why one line of a batch was refused.
public struct LineProblem: Codable, Hashable, Sendable {
    /// Counted from 1, blank lines included.
    public var line: Int
    /// What the endpoint of its own would have answered: 400, 404, 409, 413 or 422.
    public var status: Int
    /// A sentence.
    public var detail: String
    /// For 422: every field that is wrong.
    public var errors: [FieldError]?

    public init(line: Int, status: Int, detail: String, errors: [FieldError]? = nil) {
        self.line = line
        self.status = status
        self.detail = detail
        self.errors = errors
    }
}
