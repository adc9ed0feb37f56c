import Glibc

/// Watches whether a step still behaves as its models say. Alerts only: adaptation is the business of the models, which
/// forget with a half-life of 80 runs.
struct DriftWatch: Hashable, Codable, Sendable {
    /// What is watched, each as a standardised residual.
    enum Quantity: String, Hashable, Codable, Sendable, CaseIterable {
        /// Duration against what the measured work should take.
        case speed
        /// CPU seconds against the conditions.
        case work
        /// Peak memory against the conditions.
        case memory
    }

    /// A finding, with what was expected and what came.
    struct Finding: Hashable, Sendable {
        var kind: Alert.Kind
        var quantity: Quantity
        var expected: Double
        var observed: Double
    }

    /// One residual, with the numbers it compares.
    struct Residual: Hashable, Sendable {
        var quantity: Quantity
        var standardised: Double
        var expected: Double
        var observed: Double
    }

    /// Runs of the step before it is watched: the models must have settled.
    static let fewestRuns = 8
    /// Residuals beyond this are anomalies of a single run.
    private static let anomaly = 4.0
    /// Two-sided Page–Hinkley test: residuals are clipped, drift up to the slack is no drift, and the sum that raises an
    /// alert. (Page 1954; Hinkley 1971.)
    private static let clip = 3.0
    private static let slack = 0.5
    private static let threshold = 15.0
    /// Runs for which a detected drift is worth mentioning.
    private static let mentionedRuns = 20

    private struct Sums: Hashable, Codable, Sendable {
        var up = 0.0
        var down = 0.0
    }

    private var speed = Sums()
    private var work = Sums()
    private var memory = Sums()
    /// Run count of the step at the last drift.
    private var driftedAt: Int?

    /// True while a drift was found in the last runs.
    func hasDrifted(runs: Int) -> Bool { driftedAt.map { runs - $0 <= Self.mentionedRuns } ?? false }

    mutating func learn(_ residuals: [Residual], runs: Int) -> [Finding] {
        var findings: [Finding] = []
        for residual in residuals where residual.standardised.isFinite {
            if residual.standardised.magnitude > Self.anomaly { findings.append(finding(.anomaly, residual)) }
            guard accumulate(residual) else { continue }
            driftedAt = runs
            findings.append(finding(.drift, residual))
        }
        return findings
    }

    private func finding(_ kind: Alert.Kind, _ residual: Residual) -> Finding {
        Finding(
            kind: kind, quantity: residual.quantity, expected: residual.expected, observed: residual.observed)
    }

    private mutating func accumulate(_ residual: Residual) -> Bool {
        switch residual.quantity {
        case .speed: Self.accumulate(residual.standardised, &speed)
        case .work: Self.accumulate(residual.standardised, &work)
        case .memory: Self.accumulate(residual.standardised, &memory)
        }
    }

    private static func accumulate(_ residual: Double, _ sums: inout Sums) -> Bool {
        let value = residual.clamped(to: -clip...clip)
        sums.up = max(0, sums.up + value - slack)
        sums.down = max(0, sums.down - value - slack)
        guard max(sums.up, sums.down) > threshold else { return false }
        sums = Sums()
        return true
    }
}

extension DriftWatch {
    /// Smallest deviation of ln T: two equal builds differ by as much.
    private static let smallestSpeedDeviation = 0.05

    /// Residuals of a finished run against the models of its step before it.
    static func residuals(of record: StepRecord, models: StepModels) -> [Residual] {
        var residuals: [Residual] = []
        if let timing = record.timing {
            let candidate = Candidate(jobs: record.jobs, cores: timing.cores)
            let seconds = max(1, models.durationSeconds(candidate, workSeconds: timing.workSeconds))
            let deviation = max(models.duration.variance.squareRoot(), smallestSpeedDeviation)
            residuals.append(
                Residual(
                    quantity: .speed, standardised: log(timing.wallSeconds / seconds) / deviation, expected: seconds,
                    observed: timing.wallSeconds))
            let row = WorkModel.row(conditions: record.conditions, jobs: record.jobs, cores: timing.cores)
            let expected = models.work.response(at: row)
            residuals.append(
                Residual(
                    quantity: .work,
                    standardised: (log(timing.workSeconds) - expected) / models.work.predictiveDeviation(at: row),
                    expected: exp(expected), observed: timing.workSeconds))
        }
        if let peak = record.peakGiB {
            let row = MemorySlopes.row(conditions: record.conditions, jobs: record.memoryJobs)
            let expected = models.memory.response(at: row)
            residuals.append(
                Residual(
                    quantity: .memory,
                    standardised: (log(peak) - expected) / models.memory.predictiveDeviation(at: row),
                    expected: exp(expected), observed: peak))
        }
        return residuals
    }
}
