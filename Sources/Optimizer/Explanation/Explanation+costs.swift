import Builds

/// Reasons that say what time and memory cost.
extension Explanation {
    /// Where the time of the step with the most work goes.
    var timeBreakdown: Reason? {
        let facts = plan.lead.facts
        guard facts.timedCount > 0 else { return nil }
        let work = facts.models.medianWorkSeconds(conditions: facts.conditions, guarded.candidate)
        let time = facts.models.durationBreakdown(guarded.candidate, workSeconds: work)
        let wait = time.waitingForCores
        let waiting =
            wait >= 1 ? "twice the cores would save \(Wording.seconds(wait))" : "more cores would save nothing"
        return Reason(
            code: "time_breakdown",
            text: "Of about \(Wording.seconds(time.total)), \(Wording.seconds(time.fixed)) are fixed, "
                + "\(Wording.seconds(time.serial)) run on one core, \(Wording.seconds(time.parallel)) in parallel and "
                + "\(Wording.seconds(time.contention)) go to contention; \(waiting).",
            evidence: [
                "fixed_s": .number(time.fixed), "serial_s": .number(time.serial), "parallel_s": .number(time.parallel),
                "contention_s": .number(time.contention), "waiting_for_cores_s": .number(wait),
                "cpu_s": .number(work),
            ])
    }

    /// What the choice, the declared settings and the neighbours lead to.
    var alternativesReason: Reason? {
        guard plan.mode != .cold, alternatives.count > 1, let choice = alternatives.first else { return nil }
        let evidence = Dictionary(uniqueKeysWithValues: alternatives.map { ($0.name, $0.evidence) })
        return Reason(code: "alternatives", text: comparison(of: choice), evidence: evidence)
    }

    private func comparison(of choice: Alternative) -> String {
        guard let seconds = choice.durationSeconds, let dollars = choice.costUSD else {
            return "What other settings would take is not known: no run had a known duration."
        }
        let here = "about \(Wording.seconds(seconds)) and \(Wording.dollars(dollars)) a run"
        guard let declared = alternatives.first(where: { $0.name == "baseline" }),
            let declaredSeconds = declared.durationSeconds, let declaredDollars = declared.costUSD
        else { return "The choice takes \(here)." }
        return "The choice takes \(here), the declared settings \(Wording.seconds(declaredSeconds)) and "
            + "\(Wording.dollars(declaredDollars))."
    }

    /// What one OOM kill costs against what the memory that prevents it costs.
    var oomTradeoff: Reason? {
        let part = plan.largest
        guard let risk = part.risk, part.facts.timedCount > 0 else { return nil }
        let seconds = part.facts.durationSeconds(guarded.candidate).p50
        let memory = guarded.settings.memoryGiB
        let kill = DecisionProblem.killCost(
            seconds: seconds, pricePerSecond: price(guarded.candidate, memoryGiB: memory),
            memoryPricePerSecond: memory * prices.gibSecondUSD)
        let margin = max(0, memory - part.expectedPeakGiB)
        let marginDollars = seconds * margin * prices.gibSecondUSD
        return Reason(
            code: "oom_tradeoff",
            text: "An OOM kill would cost \(Wording.seconds(kill.seconds)) and \(Wording.dollars(kill.dollars)); the "
                + "\(Wording.gib(margin)) above the expected peak cost \(Wording.dollars(marginDollars)) a run.",
            evidence: [
                "oom_kill_s": .number(kill.seconds), "oom_kill_usd": .number(kill.dollars), "risk": .number(risk),
                "margin_gb": .number(margin), "margin_usd": .number(marginDollars),
            ])
    }
}
