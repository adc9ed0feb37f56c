import Builds

extension Alert {
    static func rollback(_ candidate: Candidate, _ outcome: Outcome) -> Alert {
        Alert(
            step: outcome.step, at: outcome.startedAt, runID: outcome.runID, kind: .rollback,
            text: "\(Wording.jobs(candidate.jobs)) on \(Wording.cores(candidate.cores)) did clearly worse than the "
                + "declared configuration would have; it is left out for the next 20 runs.")
    }

    static func oomRate(_ outcome: Outcome) -> Alert {
        Alert(
            step: outcome.step, at: outcome.startedAt, runID: outcome.runID, kind: .oomRate,
            text: "OOM kills came more often than accepted; memory is raised by a quarter for the next 10 runs.")
    }
}

extension DriftWatch.Finding {
    func alert(_ outcome: Outcome) -> Alert {
        Alert(
            step: outcome.step, at: outcome.startedAt, runID: outcome.runID, kind: kind, text: sentence + consequence,
            before: expected, after: observed, unit: unit, runs: runs)
    }

    /// What happened, with the numbers before and after.
    var sentence: String { "\(what): \(numbers)." }

    private var what: String {
        switch (kind, quantity, observed > expected) {
        case (.drift, .speed, true): "The step has become slower than its work explains"
        case (.drift, .speed, false): "The step has become faster than its work explains"
        case (.drift, .work, true): "The step does more work than it used to"
        case (.drift, .work, false): "The step does less work than it used to"
        case (.drift, .memory, true): "The step needs more memory than it used to"
        case (.drift, .memory, false): "The step needs less memory than it used to"
        case (_, .speed, true): "Slow machine or contention"
        case (_, .speed, false): "Faster than its work explains"
        case (_, .work, true): "More work than the change explains"
        case (_, .work, false): "Less work than the change explains"
        case (_, .memory, true): "Memory spike"
        case (_, .memory, false): "Much less memory than usual"
        }
    }

    private var numbers: String {
        let period = kind == .drift ? " over \(Wording.runs(runs))" : ""
        return switch quantity {
        case .speed: "\(Wording.seconds(observed))\(period) where \(Wording.seconds(expected)) were expected"
        case .work: "\(Wording.seconds(observed)) of CPU\(period) where \(Wording.seconds(expected)) were expected"
        case .memory: "\(Wording.gib(observed))\(period) where \(Wording.gib(expected)) were expected"
        }
    }

    /// Adaptation is gradual; a person who reads of a change should know that nothing was thrown away.
    private var consequence: String {
        kind == .drift ? " What was learned is kept; newer runs weigh more with every run." : ""
    }

    /// Unit of the numbers on the wire.
    var unit: String {
        switch quantity {
        case .speed: "s"
        case .work: "cpu_s"
        case .memory: "gb"
        }
    }
}
