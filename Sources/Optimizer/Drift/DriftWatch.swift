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
    struct Finding: Hashable, Codable, Sendable {
        var kind: Alert.Kind
        var quantity: Quantity
        /// For drift, geometric means over ``runs``.
        var expected: Double
        var observed: Double
        /// Runs it was found in: one for an anomaly, those since the change began for drift.
        var runs = 1
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

    /// One side of the test. The runs since its sum last was 0 are those since the change, if it is one.
    private struct Side: Hashable, Codable, Sendable {
        var sum = 0.0
        var runs = 0
        var logExpected = 0.0
        var logObserved = 0.0

        mutating func add(_ value: Double, _ residual: Residual) {
            sum = max(0, sum + value - slack)
            guard sum > 0 else { return self = Side() }
            runs += 1
            logExpected += log(residual.expected)
            logObserved += log(residual.observed)
        }

        func finding(_ quantity: Quantity) -> Finding {
            let count = Double(max(1, runs))
            return Finding(
                kind: .drift, quantity: quantity, expected: exp(logExpected / count),
                observed: exp(logObserved / count), runs: runs)
        }
    }

    private struct Sums: Hashable, Codable, Sendable {
        var up = Side()
        var down = Side()
    }

    private var speed = Sums()
    private var work = Sums()
    private var memory = Sums()
    /// Run count of the step at the last drift.
    private var driftedAt: Int?

    /// The last drift that was found.
    private(set) var latestDrift: Finding?

    /// True while a drift was found in the last runs.
    func hasDrifted(runs: Int) -> Bool { driftedAt.map { runs - $0 <= Self.mentionedRuns } ?? false }

    mutating func learn(_ residuals: [Residual], runs: Int) -> [Finding] {
        var findings: [Finding] = []
        for residual in residuals where residual.standardised.isFinite {
            if residual.standardised.magnitude > Self.anomaly {
                findings.append(
                    Finding(
                        kind: .anomaly, quantity: residual.quantity, expected: residual.expected,
                        observed: residual.observed))
            }
            guard let drift = accumulate(residual) else { continue }
            driftedAt = runs
            latestDrift = drift
            findings.append(drift)
        }
        return findings
    }

    private mutating func accumulate(_ residual: Residual) -> Finding? {
        switch residual.quantity {
        case .speed: Self.accumulate(residual, &speed)
        case .work: Self.accumulate(residual, &work)
        case .memory: Self.accumulate(residual, &memory)
        }
    }

    private static func accumulate(_ residual: Residual, _ sums: inout Sums) -> Finding? {
        let value = residual.standardised.clamped(to: -clip...clip)
        sums.up.add(value, residual)
        sums.down.add(-value, residual)
        let larger = sums.up.sum >= sums.down.sum ? sums.up : sums.down
        guard larger.sum > threshold else { return nil }
        sums = Sums()
        return larger.finding(residual.quantity)
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
