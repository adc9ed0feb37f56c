import Builds

/// A run with its steps.
public struct RunRecord: Hashable, Sendable {
    public var run: Run
    public var steps: [Step]

    public init(run: Run, steps: [Step]) {
        self.run = run
        self.steps = steps
    }
}
