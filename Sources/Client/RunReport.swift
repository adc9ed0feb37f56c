import Builds

/// Everything one wrapped command has to say: the run, its steps, how it ended.
///
/// Sending one is idempotent: the server knows a run by its id and a step by its span.
public struct RunReport: Hashable, Sendable, Codable {
    /// Raised when an older program could misread the file.
    public static let currentFormat = 1

    public var format: Int
    public var run: Run
    /// What the reporting command owns of the run.
    public var scope: Scope
    public var steps: [Step]
    public var completion: RunCompletion?

    /// A command inside a wrapped command adds steps to a run that is not its own.
    public enum Scope: String, Hashable, Sendable, Codable {
        /// The run is ours: we start and complete it.
        case run
        /// The run belongs to an enclosing command.
        case steps
    }

    public init(run: Run, scope: Scope = .run, steps: [Step], completion: RunCompletion?) {
        format = Self.currentFormat
        self.run = run
        self.scope = scope
        self.steps = steps
        self.completion = completion
    }
}
