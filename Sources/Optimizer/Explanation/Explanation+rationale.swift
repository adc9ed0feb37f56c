extension Explanation {
    /// One sentence a person can act on, with the real numbers.
    var rationale: String {
        switch plan.mode {
        case .cold, .observed: coldRationale
        case .control:
            "Control run: \(name) keeps its declared \(settingsText), so that savings can be measured against it."
        case .memoryOnly, .exploit, .explore: "\(historyText); \(riskText); \(durationText)."
        }
    }

    private var coldRationale: String {
        if question.declared != nil {
            return "First run of \(name): it keeps the declared \(settingsText) and is measured from now on."
        }
        if let stated = question.statedFloorGiB {
            return "First run of \(name): \(settingsText), no less than 1.2 times the stated peak of "
                + "\(Wording.gib(stated / SizingQuestion.statedPeakFactor))."
        }
        return installationRuns > 0
            ? "First run of \(name): \(settingsText), a cautious guess from \(Wording.runs(installationRuns)) of other "
                + "steps."
            : "Nothing is known yet: \(settingsText) are a cautious start, the next run will be sized from this one."
    }

    private var settingsText: String {
        "\(Wording.jobs(guarded.settings.jobs)) on \(Wording.cores(guarded.settings.cores)) with "
            + Wording.gib(guarded.settings.memoryGiB)
    }

    private var historyText: String {
        // Runs with more jobs than are chosen would say nothing about what the choice needs.
        let alike = recentPeaks.filter { $0.jobs == guarded.candidate.jobs }
        let told = alike.isEmpty ? recentPeaks : alike
        guard let quantile = Quantile.interpolated(0.95, ofSorted: told.map(\.gib).sorted()),
            let fewest = told.map(\.jobs).min(), let most = told.map(\.jobs).max()
        else {
            return "From \(Wording.runs(runCount)) of \(name), none with a known peak"
        }
        let jobs =
            fewest == most ? Wording.jobs(most) : "\(Wording.rounded(fewest, decimals: 0)) to \(Wording.jobs(most))"
        let condition = alike.count == recentPeaks.count ? "" : "with \(jobs) "
        return "From \(Wording.runs(runCount)) of \(name): \(condition)95 % peak at \(Wording.gib(quantile))"
    }

    private var riskText: String {
        let memory = Wording.gib(guarded.settings.memoryGiB)
        return oomProbability < 1
            ? "\(memory) keeps the OOM risk at or below \(Wording.percent(oomProbability))"
            : "\(memory) is all that is allowed and will probably not be enough"
    }

    private var durationText: String {
        let settings = "\(Wording.jobs(guarded.settings.jobs)) on \(Wording.cores(guarded.settings.cores))"
        guard plan.lead.facts.timedCount > 0, let seconds = duration(at: guarded.candidate)?.p50 else {
            return "\(settings) as before, for its durations are not known"
        }
        let verb = guarded.settings.jobs == 1 ? "finishes" : "finish"
        return "\(settings) \(verb) in about \(Wording.seconds(seconds))"
    }
}
