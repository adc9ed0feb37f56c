/// Where the wall time of a step goes, in seconds. The first four add up to the predicted duration.
struct DurationBreakdown: Hashable, Sendable {
    /// Spent whatever the step is given: start-up, checkout, waiting for others.
    var fixed: Double
    /// Work that keeps one core busy at a time.
    var serial: Double
    /// Work that several cores share.
    var parallel: Double
    /// What the cores cost each other: caches, memory, locks.
    var contention: Double
    /// What twice the cores would save, the jobs being the same.
    var waitingForCores: Double

    var total: Double { fixed + serial + parallel + contention }
}

extension StepModels {
    /// Splits the predicted duration by what it is spent on.
    func durationBreakdown(_ candidate: Candidate, workSeconds: Double) -> DurationBreakdown {
        let row = durationRow(candidate, workSeconds: workSeconds)
        let seconds = zip(row, duration.coefficients).map { max(0, $0 * $1) }
        let wider = Candidate(jobs: candidate.jobs, cores: 2 * candidate.cores)
        let saved =
            durationSeconds(candidate, workSeconds: workSeconds) - durationSeconds(wider, workSeconds: workSeconds)
        return DurationBreakdown(
            fixed: seconds[0], serial: seconds[1], parallel: seconds[2..<seconds.count - 1].reduce(0, +),
            contention: seconds[seconds.count - 1], waitingForCores: max(0, saved))
    }
}
