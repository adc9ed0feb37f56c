import Glibc

/// The jobs and cores that are considered: steps of at most a third, in a band in which neither idle cores nor a crowd of
/// jobs to a core make sense.
enum SearchSpace {
    private static let jobsLadder: [Double] = [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64]
    private static let coresLadder: [Double] =
        [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64]

    /// Every candidate, by cores and then by jobs.
    static let candidates: [Candidate] = coresLadder.flatMap { cores in
        jobsLadder
            .filter { 0.7 * cores <= $0 && $0 <= 5 * cores + 2 }
            .map { Candidate(jobs: $0, cores: cores) }
    }

    /// Logarithms of the candidates, to the base of 2.
    private static let octaves = candidates.map { (jobs: log2($0.jobs), cores: log2($0.cores)) }

    /// The candidates within bounds and within one octave of a configuration that ran.
    ///
    /// The trust region is what makes errors of extrapolation harmless: the next octave is predicted within a fifth, the
    /// one after it is not.
    static func candidates(near configurations: Set<Candidate>, within bounds: CandidateBounds) -> [Candidate] {
        let ran = configurations.map { (jobs: log2($0.jobs), cores: log2($0.cores)) }
        return candidates.indices.filter { index in
            bounds.allow(candidates[index])
                && ran.contains { ran in
                    (octaves[index].jobs - ran.jobs).magnitude <= Candidate.octave
                        && (octaves[index].cores - ran.cores).magnitude <= Candidate.octave
                }
        }.map { candidates[$0] }
    }
}
