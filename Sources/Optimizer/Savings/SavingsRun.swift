/// One finished run as the estimates of savings see it. Objectives are in units of a mean run: weight of time × seconds
/// and weight of cost × dollars, each over those of a mean run, lost attempts included.
public struct SavingsRun: Hashable, Codable, Sendable {
    /// What the run took.
    public var objective: Double
    /// What its declared configuration would have taken for the work that was measured, as far off as the model was for
    /// this run.
    public var declaredFromWork: Double
    /// What its declared configuration was expected to take by what was known *before* the run. The run's own residual
    /// must not enter: the correction of the doubly robust estimate would vanish.
    public var declaredFromContext: Double
    /// True when the run kept its declared configuration, to be compared with.
    public var isControl: Bool
    /// Probability it had to become a control run, 0 to 1.
    public var controlRate: Double

    public init(
        objective: Double, declaredFromWork: Double, declaredFromContext: Double, isControl: Bool, controlRate: Double
    ) {
        self.objective = objective
        self.declaredFromWork = declaredFromWork
        self.declaredFromContext = declaredFromContext
        self.isControl = isControl
        self.controlRate = controlRate
    }

    /// True when every number is one that an objective can be.
    var isSane: Bool {
        [objective, declaredFromWork, declaredFromContext].allSatisfy { $0.isFinite && $0 > 0 && $0 < 1e12 }
            && (0...1).contains(controlRate) && (!isControl || controlRate > 0)
    }
}
