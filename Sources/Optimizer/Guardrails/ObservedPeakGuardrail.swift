/// Memory is at least the largest peak of the last runs like this one: same step and configuration, no more jobs, the
/// same cache state and class of branch.
///
/// The calibrated limit is usually above it. Where it is not, the caller accepts a risk that history says is no risk but
/// a fact, or the expectation has just been pulled down by a few small runs. A run with more jobs or a colder cache says
/// nothing about this one, so it does not count.
enum ObservedPeakGuardrail: Guardrail {
    static let name = "observed_peak"

    /// Finished runs looked back on. More would keep the memory of builds long gone.
    static let runs = 10

    static func apply(to settings: inout ProposedSettings, given facts: GuardrailFacts) {
        guard let peak = facts.observedPeakGiB else { return }
        settings.memoryGiB = max(settings.memoryGiB, peak)
    }

    /// The largest peak of the last runs like the one that is sized, GiB.
    ///
    /// - Parameter chain: keys of the run to be sized.
    static func observedPeakGiB(
        _ records: [StepRecord], chain: KeyChain, conditions: BuildConditions, jobs: Double
    ) -> Double? {
        var peaks: [Double] = []
        for record in records.reversed() where peaks.count < runs {
            guard let peak = record.peakGiB, record.jobs <= jobs, record.conditions.isAlike(conditions),
                record.keys.dropFirst().first == chain.keys.dropFirst().first
            else { continue }
            peaks.append(peak)
        }
        return peaks.max()
    }
}

extension BuildConditions {
    fileprivate func isAlike(_ other: BuildConditions) -> Bool {
        cacheState == other.cacheState && branch == other.branch
    }
}
