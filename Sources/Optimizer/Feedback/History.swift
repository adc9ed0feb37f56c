import Builds

/// All that a tenant's recommender has learned.
struct History: Hashable, Codable, Sendable {
    /// Alerts kept.
    private static let alertCapacity = 200
    /// Tools with priors of their own.
    private static let toolCapacity = 500

    var memory = MemoryModel(defaultGiB: 2, risk: 0.02)
    var steps = StepHistories()
    /// Pooled priors by tool.
    var priors = BoundedMap<String, StepPriors>(capacity: toolCapacity)
    /// Outcomes learned, those that taught little included.
    var observedCount = 0
    /// ``observedCount`` when the priors were pooled last.
    private var pooledCount = 0
    private(set) var alerts = RecentValues<Alert>(capacity: alertCapacity)
    /// Alerts ever raised.
    private(set) var alertCount = 0

    mutating func raise(_ alert: Alert) {
        alerts.append(alert)
        alertCount += 1
    }

    func priors(of tool: String) -> StepPriors { priors[tool] ?? .shipped }

    /// Pooling looks at every step and has every step fitted anew, so the more there are, the rarer it is: since the last
    /// time no more than an eighth of them has run. Pooled every twenty outcomes, 4,000 steps took most of the time of
    /// learning.
    var isPoolingDue: Bool { observedCount - pooledCount >= max(StepPriors.poolingInterval, steps.count / 8) }

    /// Pools the coefficients of every tool over the steps that use it.
    mutating func pool() {
        pooledCount = observedCount
        var summaries: [String: [StepSummary]] = [:]
        for step in steps.summaries { summaries[step.tool, default: []].append(step.summary) }
        // In a fixed order: the map remembers when each entry was updated.
        for (tool, steps) in summaries.sorted(by: { $0.key < $1.key }) {
            priors.update(tool, default: .shipped) { $0 = StepPriors(pooling: steps) }
        }
    }
}

/// Fitted regressions by step. Follows from the history alone, so it is neither stored nor compared.
struct FitCache: Sendable {
    private var fits: [StepIdentity: (runCount: Int, models: StepModels)] = [:]

    /// The models of a step, fitted only if it has run since they were.
    ///
    /// - Parameters:
    ///   - step: nothing is kept for a step without history.
    ///   - referenceSeconds: duration of a mean run, used before the first record.
    mutating func models(
        of step: StepIdentity, history: StepHistory?, priors: @autoclosure () -> StepPriors, referenceSeconds: Double
    ) -> StepModels {
        guard let history, history.runCount > 0 else {
            return StepModels(records: [], priors: priors(), referenceSeconds: referenceSeconds)
        }
        if let fit = fits[step], fit.runCount == history.runCount { return fit.models }
        let models = StepModels(
            records: history.records.elements, priors: priors(), referenceSeconds: referenceSeconds)
        fits[step] = (history.runCount, models)
        return models
    }

    mutating func removeAll() { fits.removeAll() }

    mutating func remove(_ steps: [StepIdentity]) {
        for step in steps { fits[step] = nil }
    }
}
