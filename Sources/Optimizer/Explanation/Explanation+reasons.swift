import Builds

extension Explanation {
    /// Why the settings are what they are, the most telling first. The codes are stable.
    var reasons: [Reason] {
        let all = [
            coldStart, memoryQuantile, parallelism, timeBreakdown, alternativesReason, oomTradeoff, largestStep,
            exploration, control, missedDeadline, oomKill, raisedLimits, drift, correction?.reason,
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
        let margin = part.memoryGiB - part.expectedPeakGiB
        var evidence: [String: JSONValue] = [
            "runs": .number(Double(runCount)), "quantile": .number(1 - risk),
            "expected_gb": .number(part.expectedPeakGiB), "limit_gb": .number(part.memoryGiB),
            "margin_gb": .number(margin), "margin_weight": .number(marginWeight),
        ]
        if let largest = recentPeaks.map(\.gib).max() { evidence["largest_peak_gb"] = .number(largest) }
        var age = ""
        if let (newest, oldest) = ageSeconds {
            evidence["newest_run_age_s"] = .number(newest)
            evidence["oldest_run_age_s"] = .number(oldest)
            evidence["kept_runs"] = .number(Double(part.facts.history?.records.count ?? 0))
            age = " (the newest \(Wording.age(seconds: newest)))"
        }
        let basis = runCount > 0 ? "\(Wording.runs(runCount)) of \(name)\(age)" : "builds like it"
        return Reason(
            code: "memory_quantile",
            text: "From \(basis), a peak of \(Wording.gib(part.expectedPeakGiB)) is expected; "
                + "\(Wording.gib(part.memoryGiB)), a margin of \(Wording.gib(max(0, margin))), is exceeded by "
                + "\(Wording.percent(risk)) of the runs.",
            evidence: evidence)
    }

    /// How old the newest and the oldest kept run of the step that decides about memory are. A report from a clock that is
    /// ahead of ours is taken for new.
    private var ageSeconds: (newest: Double, oldest: Double)? {
        let ages = (plan.largest.facts.history?.records.elements ?? []).compactMap { record in
            record.startedAt.map { max(0, (Double(now.microseconds) - Double($0.microseconds)) / 1e6) }
        }
        return ages.min().flatMap { newest in ages.max().map { (newest, $0) } }
    }

    /// What the choice of jobs and cores rests on.
    private var parallelism: Reason? {
        guard plan.lead.facts.timedCount > 0, let here = duration(at: guarded.candidate)?.p50 else { return nil }
        let candidate = guarded.candidate
        return Reason(
            code: "parallelism",
            text: "\(Wording.jobs(candidate.jobs)) on \(Wording.cores(candidate.cores)) "
                + (candidate.jobs == 1 ? "takes about " : "take about ")
                + "\(Wording.seconds(here)); time and cost weigh \(Wording.rounded(question.timeWeight, decimals: 2)) "
                + "to \(Wording.rounded(question.costWeight, decimals: 2)).",
            evidence: [
                "timed_runs": .number(Double(plan.lead.facts.timedCount)),
                "candidates": .number(Double(plan.lead.candidateCount)), "duration_s": .number(here),
                "time_weight": .number(question.timeWeight), "cost_weight": .number(question.costWeight),
                "cpu_usd_per_core_hour": .number(prices.coreSecondUSD * 3600),
                "memory_usd_per_gib_hour": .number(prices.gibSecondUSD * 3600),
            ])
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
        guard plan.mode == .explore, let best = plan.lead.best else { return nil }
        let chosen = plan.lead.candidate
        return Reason(
            code: "exploration",
            text: "\(Wording.jobs(best.jobs)) on \(Wording.cores(best.cores)) look best so far; this run tries "
                + "\(Wording.jobs(chosen.jobs)) on \(Wording.cores(chosen.cores)), which may be better and is expected "
                + "to be \(Wording.percent(plan.lead.expectedLoss)) worse, to learn how the step scales. "
                + "With exploration-rate 0 this never happens.",
            evidence: [
                "propensity": .number(plan.propensity), "best_jobs": .number(best.jobs),
                "best_cpu": .number(best.cores), "expected_loss": .number(plan.lead.expectedLoss),
            ])
    }

    private var control: Reason? {
        guard plan.mode == .control else { return nil }
        return Reason(
            code: "control",
            text: "This run keeps the declared configuration, so that savings can be measured. With control-rate 0 "
                + "this never happens, and savings are estimates only.",
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
        let drifted = plan.parts.first { $0.facts.history?.drift.hasDrifted(runs: $0.facts.runCount) ?? false }
        guard let part = drifted, let change = part.facts.history?.drift.latestDrift else { return nil }
        return Reason(
            code: "drift", text: "\(change.sentence) Older runs count less and less; nothing was reset.",
            evidence: [
                "runs": .number(Double(part.facts.runCount)), "changed_runs": .number(Double(change.runs)),
                "before": .number(change.expected), "after": .number(change.observed), "unit": .string(change.unit),
            ])
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
