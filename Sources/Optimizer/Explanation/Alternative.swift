import Builds

/// Settings a run could have, with what they would lead to: the choice, what runs without us, and the neighbours of the
/// choice with half and twice the cores or jobs.
struct Alternative: Hashable, Sendable {
    /// `choice`, `baseline`, `half_cpu`, `double_cpu`, `half_jobs`, `double_jobs`.
    var name: String
    var candidate: Candidate
    /// `nil` when not stated.
    var memoryGiB: Double?
    /// At the median; `nil` where durations are not known.
    var durationSeconds: Double?
    var costUSD: Double?
    /// Probability that the memory is too small, 0 to 1.
    var oomProbability: Double?

    /// The neighbours of a choice that predictions hold for: at most one octave from what ran.
    static func neighbours(of choice: Candidate, near configurations: Set<Candidate>) -> [Alternative] {
        let all = [
            ("half_cpu", Candidate(jobs: choice.jobs, cores: choice.cores / 2)),
            ("double_cpu", Candidate(jobs: choice.jobs, cores: choice.cores * 2)),
            ("half_jobs", Candidate(jobs: max(1, (choice.jobs / 2).rounded(.down)), cores: choice.cores)),
            ("double_jobs", Candidate(jobs: choice.jobs * 2, cores: choice.cores)),
        ]
        return all.filter { _, candidate in
            candidate != choice && SettingsRange.cores.contains(candidate.cores)
                && configurations.contains { candidate.isWithinOneOctave(of: $0) }
        }.map { Alternative(name: $0, candidate: $1) }
    }

    /// The choice, the declared settings and the neighbours in numbers. The neighbours have the memory of the choice, so
    /// that one thing changes at a time.
    ///
    /// - Parameter oomProbability: of the choice.
    static func all(
        plan: Plan, guarded: GuardedSettings, question: SizingQuestion, neighbours: [Alternative], prices: Prices,
        oomProbability: Double, limits: LimitsByRisk
    ) -> [Alternative] {
        let choice = Alternative(
            name: "choice", candidate: guarded.candidate, memoryGiB: guarded.settings.memoryGiB,
            oomProbability: oomProbability)
        let declared = question.declared.map { declared in
            Alternative(
                name: "baseline", candidate: declared.candidate, memoryGiB: declared.memoryGiB,
                oomProbability: declared.memoryGiB.map {
                    limits.oomProbability(jobs: declared.jobs, memoryGiB: $0)
                })
        }
        let around = neighbours.map { neighbour in
            var neighbour = neighbour
            neighbour.memoryGiB = guarded.settings.memoryGiB
            neighbour.oomProbability = limits.oomProbability(
                jobs: neighbour.candidate.jobs, memoryGiB: guarded.settings.memoryGiB)
            return neighbour
        }
        let timed = plan.parts.filter { $0.facts.timedCount > 0 }
        return ([choice] + (declared.map { [$0] } ?? []) + around).map { alternative in
            guard !timed.isEmpty else { return alternative }
            var alternative = alternative
            let seconds = timed.reduce(0) { $0 + $1.facts.durationSeconds(alternative.candidate).p50 }
            alternative.durationSeconds = seconds
            alternative.costUSD = alternative.memoryGiB.map {
                seconds * prices.perSecond(cores: alternative.candidate.cores, memoryGiB: $0)
            }
            return alternative
        }
    }

    /// As evidence: `jobs`, `cpu`, `mem_gb`, `duration_s`, `cost_usd`, `oom_probability`, each where it is known.
    var evidence: JSONValue {
        let numbers = [
            "jobs": candidate.jobs, "cpu": candidate.cores, "mem_gb": memoryGiB, "duration_s": durationSeconds,
            "cost_usd": costUSD, "oom_probability": oomProbability,
        ]
        return .object(numbers.compactMapValues { $0.map(JSONValue.number) })
    }
}
