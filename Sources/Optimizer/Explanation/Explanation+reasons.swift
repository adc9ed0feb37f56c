import Builds

extension Explanation {
    /// Why the settings are what they are, the most telling first. The codes are stable.
    var reasons: [Reason] {
        let all = [
            coldStart, memoryQuantile, parallelism, largestStep, exploration, control, missedDeadline, oomKill,
            raisedLimits, drift,
        ]
        return all.compactMap(\.self) + constraintConflicts
    }

    private var coldStart: Reason? {
        guard plan.mode == .cold else { return nil }
        let text =
            question.declared != nil
            ? "No run of \(name) is known yet: it runs as declared, and is measured."
            : "No run of \(name) is known yet: it starts with \(Wording.jobs(guarded.settings.jobs)) and memory for a "
                + "cautious guess."
        return Reason(code: "cold_start", text: text, evidence: ["runs_elsewhere": .number(Double(installationRuns))])
    }

    private var memoryQuantile: Reason? {
        let part = plan.largest
        guard let risk = part.risk else { return nil }
        var evidence: [String: JSONValue] = [
            "runs": .number(Double(runCount)), "quantile": .number(1 - risk),
            "expected_gb": .number(part.expectedPeakGiB), "limit_gb": .number(part.memoryGiB),
            "margin_weight": .number(marginWeight),
        ]
        if let largest = recentPeaks.last { evidence["largest_peak_gb"] = .number(largest) }
        let basis = runCount > 0 ? "\(Wording.runs(runCount)) of \(name)" : "builds like it"
        return Reason(
            code: "memory_quantile",
            text: "From \(basis), a peak of \(Wording.gib(part.expectedPeakGiB)) is expected; "
                + "\(Wording.gib(part.memoryGiB)) is exceeded by \(Wording.percent(risk)) of the runs.",
            evidence: evidence)
    }

    /// What more and fewer cores would do, within the octave in which predictions hold.
    private var parallelism: Reason? {
        guard let here = timedDuration(guarded.candidate) else { return nil }
        let candidate = guarded.candidate
        var evidence: [String: JSONValue] = [
            "timed_runs": .number(Double(plan.lead.facts.timedCount)),
            "candidates": .number(Double(plan.lead.candidateCount)),
            "duration_s": .number(here),
        ]
        let neighbours = [
            "half_cpu": Candidate(jobs: candidate.jobs, cores: candidate.cores / 2),
            "double_cpu": Candidate(jobs: candidate.jobs, cores: candidate.cores * 2),
            "half_jobs": Candidate(jobs: max(1, (candidate.jobs / 2).rounded(.down)), cores: candidate.cores),
            "double_jobs": Candidate(jobs: candidate.jobs * 2, cores: candidate.cores),
        ]
        for (name, neighbour) in neighbours {
            guard let seconds = timedDuration(neighbour) else { continue }
            evidence["\(name)_duration_s"] = .number(seconds)
            evidence["\(name)_cost_usd"] = .number(
                seconds * price(neighbour, memoryGiB: guarded.settings.memoryGiB))
        }
        return Reason(
            code: "parallelism",
            text: "\(Wording.jobs(candidate.jobs)) on \(Wording.cores(candidate.cores)) take about "
                + "\(Wording.seconds(here)); time and cost weigh \(Wording.rounded(question.timeWeight, decimals: 2)) "
                + "to \(Wording.rounded(question.costWeight, decimals: 2)).",
            evidence: evidence)
    }

    private func timedDuration(_ candidate: Candidate) -> Double? {
        plan.lead.facts.timedCount > 0 ? duration(at: candidate)?.p50 : nil
    }

    private var largestStep: Reason? {
        guard plan.parts.count > 1 else { return nil }
        let lead = plan.lead.facts.step
        return Reason(
            code: "largest_step",
            text: "Of \(plan.parts.count) known steps, \(name) needs the most memory and "
                + "\(lead.step.isEmpty ? lead.stage : lead.step) decides about jobs and CPU.",
            evidence: [
                "memory_step": .string(plan.largest.facts.step.step), "work_step": .string(lead.step),
                "steps": .number(Double(plan.parts.count)),
            ])
    }

    private var exploration: Reason? {
        guard plan.mode == .explore else { return nil }
        return Reason(
            code: "exploration",
            text: "This is not the best known configuration but one that may be better and is at most 15 % worse.",
            evidence: ["propensity": .number(plan.propensity)])
    }

    private var control: Reason? {
        guard plan.mode == .control else { return nil }
        return Reason(
            code: "control",
            text: "This run keeps the declared configuration, so that savings can be measured.",
            evidence: ["propensity": .number(plan.propensity)])
    }

    private var missedDeadline: Reason? {
        guard plan.lead.missesDeadline, let deadline = question.deadlineSeconds else { return nil }
        return Reason(
            code: "deadline",
            text: "No configuration near those tried meets \(Wording.seconds(deadline)); this is the fastest of them.",
            evidence: ["deadline_s": .number(deadline)])
    }

    private var oomKill: Reason? {
        guard let floor = guarded.facts.oomFloorGiB else { return nil }
        return Reason(
            code: "oom_kill",
            text: "The last attempt was killed for memory; it needs at least \(Wording.gib(floor)) until it finishes.",
            evidence: ["floor_gb": .number(floor)])
    }

    private var raisedLimits: Reason? {
        guard plan.parts.contains(where: { $0.facts.history?.oom.isRaising ?? false }) else { return nil }
        return Reason(
            code: "oom_rate",
            text: "OOM kills came more often than accepted; memory is raised by a quarter for a while.",
            evidence: ["factor": .number(OOMWatch.raise)])
    }

    private var drift: Reason? {
        guard hasDrifted else { return nil }
        return Reason(
            code: "drift", text: "The step has changed in its last runs; older runs count less and less.",
            evidence: ["runs": .number(Double(runCount))])
    }

    /// Where what the caller wants contradicts what its build needs.
    private var constraintConflicts: [Reason] {
        let ceiling = question.bounds.memoryCeilingGiB
        var reasons: [Reason] = []
        if let stated = question.statedFloorGiB, stated > ceiling {
            reasons.append(
                Reason(
                    code: "constraint_conflict",
                    text: "The memory limit of \(Wording.gib(ceiling)) cannot be kept: the caller states a peak of "
                        + "\(Wording.gib(stated / SizingQuestion.statedPeakFactor)), and 1.2 times that is the least.",
                    evidence: ["max_mem_gb": .number(ceiling), "needed_gb": .number(stated)]))
        }
        let needed = max(guarded.facts.observedPeakGiB ?? 0, guarded.facts.oomFloorGiB ?? 0)
        if needed > ceiling, needed > guarded.settings.memoryGiB {
            reasons.append(
                Reason(
                    code: "constraint_conflict",
                    text: "The memory limit of \(Wording.gib(ceiling)) is kept, but recent runs point to "
                        + "\(Wording.gib(needed)): an OOM kill is likely.",
                    evidence: ["max_mem_gb": .number(ceiling), "needed_gb": .number(needed)]))
        }
        return reasons
    }
}
