import Glibc

/// Jobs and cores a step could run with.
struct Candidate: Hashable, Codable, Sendable {
    var jobs: Double
    var cores: Double

    /// True when both jobs and cores are at most doubled or halved.
    func isWithinOneOctave(of other: Candidate) -> Bool {
        Self.octaves(jobs, other.jobs) <= Self.octave && Self.octaves(cores, other.cores) <= Self.octave
    }

    /// One octave and what rounding adds to it.
    static let octave = 1 + 1e-6

    private static func octaves(_ a: Double, _ b: Double) -> Double { (log2(a) - log2(b)).magnitude }
}

/// What candidates must keep to.
struct CandidateBounds: Hashable, Sendable {
    var maxJobs = Double.infinity
    var maxCores = Double.infinity
    /// Jobs to a core.
    var maxJobsPerCore = Double.infinity

    func allow(_ candidate: Candidate) -> Bool {
        candidate.jobs <= maxJobs && candidate.cores <= maxCores && candidate.jobs <= maxJobsPerCore * candidate.cores
    }

    /// The candidate, or the largest allowed one below it.
    func clip(_ candidate: Candidate) -> Candidate {
        let cores = min(candidate.cores, maxCores)
        return Candidate(
            jobs: max(1, min(candidate.jobs, maxJobs, (maxJobsPerCore * cores).rounded(.down))), cores: cores)
    }
}
