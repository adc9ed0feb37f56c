import Builds

/// What a completed run teaches: one outcome for each of its steps.
struct RunOutcomes {
    struct StepOutcome: Hashable, Sendable {
        var spanID: String
        var outcome: Outcome
    }

    /// Span of the outcome of a run that reported no steps.
    static let wholeRunSpan = "run"

    let run: Run
    /// As the build told them.
    let told: [Step]
    /// With what was observed.
    let steps: [Step]

    init(run: Run, steps: [Step], observations: [StepObservation] = []) {
        self.run = run
        told = steps
        self.steps = steps.completed(by: observations)
    }

    /// In the order the steps began. A step that never stopped counts only if something killed it. A run without steps
    /// is one step without a name.
    var all: [StepOutcome] {
        guard let completion = run.completion else { return [] }
        let context = context
        let killed = killedSpans(completion.status)
        if steps.isEmpty {
            var usage = Usage()
            usage.wallSeconds = completion.durationSeconds
            return [
                StepOutcome(
                    spanID: Self.wholeRunSpan,
                    outcome: Outcome(
                        step: StepIdentity(pipeline: run.pipeline), context: context, settings: run.requested,
                        usage: usage, status: completion.status, attempt: attempt, startedAt: run.startedAt,
                        runID: run.id))
            ]
        }
        return steps.compactMap { step in
            if step.stop == nil && !killed.contains(step.spanID) { return nil }
            var usage = step.stop?.usage ?? Usage()
            if usage.wallSeconds == nil, let stop = step.stop {
                usage.wallSeconds = stop.stoppedAt.seconds(since: step.startedAt)
            }
            return StepOutcome(
                spanID: step.spanID,
                outcome: Outcome(
                    step: StepIdentity(pipeline: run.pipeline, stage: step.stage, step: step.step), context: context,
                    settings: settings(of: step), usage: usage,
                    status: killed.contains(step.spanID) ? .oomKilled : status(of: step, in: completion.status),
                    attempt: attempt, startedAt: step.startedAt, runID: run.id))
        }
    }

    private var attempt: Int { run.ci?.attempt ?? 1 }

    /// The context, with what the run itself says filled in.
    private var context: BuildContext {
        var context = run.context
        if context.branch == nil && !run.branch.isEmpty { context.branch = run.branch }
        if context.image == nil && !run.image.isEmpty { context.image = run.image }
        if context.tool == nil { context.tool = run.tools.first }
        if context.repository == nil { context.repository = run.repository }
        // What a run was given without a recommendation is what it would have without us.
        if context.baseline == nil && run.recommendationID == nil && !run.requested.isEmpty {
            context.baseline = run.requested
        }
        return context
    }

    /// The step's own settings, and the run's where the step says nothing.
    private func settings(of step: Step) -> Settings {
        let own = step.stop?.settings ?? Settings()
        return Settings(
            jobs: own.jobs ?? run.requested.jobs, cpuMillicores: own.cpuMillicores ?? run.requested.cpuMillicores,
            memoryBytes: own.memoryBytes ?? run.requested.memoryBytes, cache: own.cache ?? run.requested.cache)
    }

    /// A step's own exit code says more than how its run ended.
    private func status(of step: Step, in run: RunStatus) -> RunStatus {
        if let signal = step.stop?.usage.signal, signal != 0 { return run == .success ? .failure : run }
        switch step.stop?.usage.exitCode {
        case 0: return .success
        case .some: return run == .success || run == .oomKilled ? .failure : run
        // The steps of an OOM-killed run that were not killed themselves did not end well either, as far as is known.
        case nil: return run == .oomKilled ? .failure : run
        }
    }

    /// The steps that ran out of memory: those whose cgroup counted a kill. When none did but the run says that it was
    /// killed, the one step that can be meant, if there is exactly one: still open, else failed, else the only one.
    private func killedSpans(_ status: RunStatus) -> Set<String> {
        let counted = steps.filter { ($0.stop?.usage.oomKills ?? 0) > 0 }
        if !counted.isEmpty { return Set(counted.map(\.spanID)) }
        guard status == .oomKilled else { return [] }
        // An agent sees that a step ended; that it did not end well is what its build did not live to tell.
        let open = told.filter { $0.stop == nil }
        let failed = steps.filter { ($0.stop?.usage.exitCode ?? 0) != 0 || ($0.stop?.usage.signal ?? 0) != 0 }
        for group in [open, failed, steps] where !group.isEmpty {
            return group.count == 1 ? [group[0].spanID] : []
        }
        return []
    }
}
