import Builds
import Client
import Contract
import Glibc
import Telemetry

/// One wrapped command, from the first question to the last report. Reads top to bottom.
///
/// The rule: whatever of ours fails, the command runs, its output is untouched, and its exit status is ours.
struct RunSession {
    let options: RunCommand
    let inherited: InheritedProcess
    let environment: [String: String]
    let commandLine: WrappedCommandLine
    let signals: RelayedSignals
    let client: InframindClient?
    /// Why there is no client, if there is none.
    let reasonForNoClient: String?

    /// - Returns: the exit status.
    func execute() -> Int32 {
        let diagnostics = Diagnostics(flag: options.verbose, environment: environment)
        let identity = BuildIdentity(pipeline: options.pipeline, stage: options.stage, environment: environment)
        let words = commandLine.text
        let stepName = BuildIdentity.clean(options.step ?? baseName(words[0]))

        // Ask, and meanwhile set up what measures.
        if let reasonForNoClient { diagnostics.say(reasonForNoClient) }
        let node = NodeCapacity.current()
        let capacity = Consultation.capacity(node, environment: environment)
        let asked = ask(identity, stepName, words, node)
        let cache = CompilerCacheMeter(environment: environment)
        let (recommendation, failOpen) = answer(asked, diagnostics)
        let plan = SizingPlan(arguments: words, flag: options.jobs, recommendation: recommendation, capacity: capacity)
        diagnostics.say(plan.sentence)
        let meter = StepMeter.start(meterConfiguration(plan))
        for note in meter.notes { diagnostics.say(note) }

        let step = Step(
            runID: identity.runID, spanID: hexadecimal(.random(in: 0 ... .max), digits: 16), stage: identity.stage,
            step: stepName, startedAt: currentTime())
        let settings = plan.settingsInForce(isEnforced: options.enforceLimits && meter.hasOwnCgroup)
        var run = makeRun(identity, plan, settings, startedAt: step.startedAt)
        run.failOpen = failOpen
        let scope: RunReport.Scope = identity.isNested ? .steps : .run

        // Somebody wants us gone before there is a command: then there will be none.
        for number in signals.pending() where RelayedSignals.ending.contains(number) {
            RelayedSignals.act(as: number)
        }
        let spawner = spawner(plan, step)
        let supervisor: CommandSupervisor
        do {
            supervisor = CommandSupervisor(command: try spawner.spawn(measuredBy: meter), signals: signals)
        } catch {
            _ = meter.finish(ReapedUsage())
            disconnect()
            // At the user's limit of processes there is still this one.
            return (error.isForWantOfProcess ? spawner.become() : error).tell()
        }
        supervisor.relayPending()

        // The command is running. Tell the server that it does, and wait.
        let reporter = RunReporter(
            client: client,
            spool: StateDirectory.spoolPath(environment: environment, server: client?.endpoint).map { Spool(path: $0) },
            opening: RunReport(run: run, scope: scope, steps: [step], completion: nil))
        let end = supervisor.waitForEnd()
        CrashContainment.noteEnded(exitStatus: end.exitStatus)
        CrashContainment.endWhenAsked(signals)

        // It has ended. Say what it used.
        var usage = meter.finish(end.reaped)
        if let counts = cache.counts() {
            usage.cacheHits = counts.hits
            usage.cacheMisses = counts.misses
        }
        usage.record(end.cause)
        let status = RunStatus(end.cause, oomKills: usage.oomKills)
        let stoppedAt = currentTime()
        let elapsed = usage.wallSeconds ?? max(0, stoppedAt.seconds(since: step.startedAt))
        var stopped = step
        stopped.stop = StepStop(stoppedAt: stoppedAt, usage: usage, settings: settings)
        let isLast = !identity.isNested && !options.keepOpen
        let report = RunReport(
            run: run, scope: scope, steps: [stopped],
            completion: isLast ? RunCompletion(status: status, durationSeconds: elapsed) : nil)
        let delivery = reporter.close(
            report, within: .milliseconds(options.reportTimeoutMs), reasonForNoClient: reasonForNoClient)
        diagnostics.say(delivery.sentence)
        if status == .oomKilled { diagnostics.say(usage.oomSentence) }
        writeReportFile(
            RunReportFile(report, plan: plan, command: words, status: status, delivery: delivery, notes: meter.notes),
            diagnostics)
        disconnect()
        return end.exitStatus
    }

    // MARK: The steps of `execute`

    /// Closes the connections, which takes a moment at most; a process that ends closes them as well.
    private func disconnect() {
        guard let client else { return }
        _ = BackgroundWork { await client.shutdown() }.wait(until: ContinuousClock.now + .milliseconds(5))
    }

    private struct Question {
        var answer: BackgroundWork<OptimizeAnswer>
        var deadline: ContinuousClock.Instant
    }

    private func ask(
        _ identity: BuildIdentity, _ step: String, _ words: [String], _ node: NodeCapacity
    ) -> Question? {
        guard let client, !options.skipsOptimization else { return nil }
        let budget = Duration.milliseconds(options.optimizeTimeoutMs)
        let request = Consultation.request(
            identity: identity, step: step, arguments: words,
            capacity: Consultation.capacity(node, environment: environment),
            requestedMemoryBytes: Consultation.requestedMemoryBytes(node, environment: environment),
            architecture: Consultation.architecture)
        return Question(
            answer: BackgroundWork { try await client.optimize(request, within: budget) },
            deadline: ContinuousClock.now + budget)
    }

    /// - Returns: the answer; without one, why there is none, unless nobody asked.
    private func answer(_ question: Question?, _ diagnostics: Diagnostics) -> (OptimizeAnswer?, FailOpen?) {
        guard let question else { return (nil, nil) }
        switch question.answer.wait(until: question.deadline) {
        case .success(let answer): return (answer, nil)
        case .failure(let error):
            diagnostics.say("\(error)")
            return (nil, (error as? ClientError)?.failOpen ?? .other)
        case nil:
            question.answer.cancel()
            diagnostics.say("\(ClientError.timeout)")
            return (nil, .timeout)
        }
    }

    private func meterConfiguration(_ plan: SizingPlan) -> StepMeter.Configuration {
        var configuration = StepMeter.Configuration()
        if options.enforceLimits {
            configuration.memoryLimitBytes = plan.memoryBytes
            configuration.cpuLimitMillicores = plan.cpuMillicores
        }
        return configuration
    }

    private func makeRun(
        _ identity: BuildIdentity, _ plan: SizingPlan, _ settings: Settings, startedAt: Timestamp
    ) -> Run {
        var context = BuildContext()
        context.tool = plan.tool?.name
        context.repository = identity.repository
        context.branch = identity.branch.isEmpty ? nil : identity.branch
        context.image = identity.image.isEmpty ? nil : identity.image
        context.architecture = Consultation.architecture
        return Run(
            id: identity.runID, pipeline: identity.pipeline, branch: identity.branch, commit: identity.commit,
            image: identity.image, tools: plan.tool.map { [$0.name] } ?? [], repository: identity.repository,
            node: identity.node, requested: settings, recommendationID: plan.recommendation?.recommendation_id,
            context: context, ci: identity.ci, startedAt: startedAt)
    }

    private func spawner(_ plan: SizingPlan, _ step: Step) -> CommandSpawner {
        var variables = ChildEnvironment(inherited.rawEnvironment)
        for (name, value) in plan.variables(existing: environment) { variables.set(name, value) }
        variables.set(BuildIdentity.Variable.runID, step.runID.rawValue)
        variables.set(BuildIdentity.Variable.stepID, step.spanID)
        becomeSubreaper()
        return CommandSpawner(
            arguments: plan.commandLine(commandLine).arguments, environment: variables.entries, inherited: inherited,
            closed: inherited.descriptorsOpenedSince())
    }

    private func writeReportFile(_ content: RunReportFile, _ diagnostics: Diagnostics) {
        guard let path = options.report else { return }
        do {
            try content.write(to: path)
        } catch {
            diagnostics.say("\(error)")
        }
    }
}

extension ClientError {
    /// What a run that goes on without an answer says of it.
    var failOpen: FailOpen {
        switch self {
        case .unreachable: .unreachable
        case .timeout: .timeout
        case .refused: .refused
        case .foreignStatus, .unexpectedAnswer: .unexpectedAnswer
        }
    }
}
