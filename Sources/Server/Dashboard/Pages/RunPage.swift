import Builds
import Optimizer
import Storage

/// `/ui/run`: what one run was given and why, what it used, what stood out.
struct RunPage: Sendable {
    /// A run may have 2,000 steps; so many fit a page.
    static let stepsPerPage = 100

    var facts: RunFacts
    var recommendation: Recommendation?
    var events: [StoredEvent]
    /// What the step that was killed gets next; with its kill.
    var next: (kill: MemoryKill, answer: WhatIf)?
    /// Place of the first step shown.
    var firstStep: Int

    private var run: Run { facts.run }

    var body: HTML {
        """
        <p class="crumbs"><a href="/ui/pipelines">Pipelines</a> / \(Link.pipeline(run.pipeline).html("\(run.pipeline)"))</p>
        <h1>Run \(run.id.rawValue)</h1>
        <p class="lead">\(.status(facts.status)) began \(.time(run.startedAt)), took
        \(Figures.duration(run.completion?.durationSeconds)). Given: \(facts.settings).</p>
        \(killNote)
        \(eventNote)
        <section><h2>Steps</h2>\(timeline)<div class="panel">\(stepTable)\(pager)</div></section>
        <section class="panel" id="why"><h2>What InfraMind said, and why</h2>\(explanation)</section>
        <section class="panel"><h2>About this run</h2>\(about)</section>
        """
    }

    private var killNote: HTML? {
        guard facts.isOutOfMemory else { return nil }
        guard let next else {
            return """
                <div class="note bad" role="note"><h2>Out of memory</h2><p>The run was killed for memory, and no single step can be meant: a
                build that is wrapped (<code>inframind run</code>) or watched by the agent says which.</p></div>
                """
        }
        let (kill, answer) = next
        let killed = facts.steps.first { $0.stage == kill.step.stage && $0.step == kill.step.step }
        let memory = answer.recommendation.settings.memoryBytes
        return """
            <div class="note bad" role="note"><h2>\(kill.title(naming: .step))</h2>
            <p>\(counted(killed?.stop?.usage)) Its true peak lies above that limit: how far is not known, so the next run gets
            <strong>\(Figures.memory(memory))</strong>. \(answer.recommendation.rationale)</p>
            <p><a class="button" href="\(Link.whatIf(kill.step, memory: memory).text)">Try a bigger size</a></p></div>
            """
    }

    private func counted(_ usage: Usage?) -> String {
        let kills = usage?.oomKills ?? 0
        return kills > 0
            ? "The kernel counted \(Figures.count(kills, "kill")) in the step’s own cgroup."
            : "The build said so; no cgroup of its own was there to count."
    }

    private var eventNote: HTML? {
        // A kill is told above.
        let events = events.filter { next == nil || $0.event?.kind != MemoryKill.kind }
        guard !events.isEmpty else { return nil }
        return
            "<section class=\"panel\"><h2>What stood out</h2><ul class=\"plain\">\(events.map { EventItem($0).html })</ul></section>"
    }

    private var shownSteps: ArraySlice<Step> { facts.steps.dropFirst(firstStep).prefix(Self.stepsPerPage) }

    private var timeline: HTML? {
        guard !facts.steps.isEmpty else { return nil }
        let bars = shownSteps.map { step in
            TimelineChart.Bar(
                name: step.stage.isEmpty ? step.step : "\(step.stage) / \(step.step)",
                start: step.startedAt.seconds(since: run.startedAt),
                end: step.stop?.stoppedAt.seconds(since: run.startedAt), state: Self.state(step))
        }
        return TimelineChart(bars: bars, total: run.completion?.durationSeconds ?? 0).html
    }

    private static func state(_ step: Step) -> String {
        guard let usage = step.stop?.usage else { return "running" }
        if (usage.oomKills ?? 0) > 0 { return "oom" }
        return (usage.exitCode ?? 0) != 0 || (usage.signal ?? 0) != 0 ? "failed" : "ok"
    }

    private var stepTable: HTML {
        guard !facts.steps.isEmpty else {
            return """
                <p>This run reported no steps, or they were let go after the time the server keeps them (<code>retention-days</code>).
                <code>inframind run --step NAME</code> reports one for each command.</p>
                """
        }
        return Table(
            caption: "Steps in the order they began: what each used, against what it was allowed",
            columns: [
                "Step", "Ended", "Duration", "Settings", "Peak memory", "Headroom", "Measured by", "CPU time",
                "Throttled",
                "Waited for memory", "Cache hits",
            ],
            rows: shownSteps.map(row), numeric: [2, 4, 5, 7, 8, 9, 10]
        ).withoutUnknown.html
    }

    private func row(_ step: Step) -> [HTML] {
        let usage = step.stop?.usage ?? Usage()
        let own = step.stop?.settings ?? Settings()
        let limit = own.memoryBytes ?? run.requested.memoryBytes
        let given = [
            (own.jobs ?? run.requested.jobs).map { Figures.count(Int64($0), "job") },
            (own.cpuMillicores ?? run.requested.cpuMillicores).map { Figures.cores($0) },
            limit.map { Figures.memory($0) },
        ].compactMap(\.self).joined(separator: ", ")
        let lookups = Double(usage.cacheHits ?? 0) + Double(usage.cacheMisses ?? 0)
        let name = step.stage.isEmpty ? step.step : "\(step.stage) / \(step.step)"
        return [
            Link.whatIf(StepIdentity(pipeline: run.pipeline, stage: step.stage, step: step.step)).html("\(name)"),
            ended(step),
            "\(Figures.duration(usage.wallSeconds ?? step.stop.map { $0.stoppedAt.seconds(since: step.startedAt) }))",
            "<span class=\"whole\">\(given)</span>", "\(Figures.memory(usage.sizingPeakBytes))",
            .headroom(usage.sizingPeakBytes, of: limit),
            "\(usage.memorySource?.rawValue.replacing("_", with: " ") ?? "–")",
            "\(Figures.duration(usage.totalCPUSeconds))",
            "\(Figures.duration(usage.throttledSeconds))", "\(Figures.duration(usage.memoryPressureSeconds))",
            "\(Figures.percent(lookups > 0 ? Double(usage.cacheHits ?? 0) / lookups : nil))",
        ]
    }

    private func ended(_ step: Step) -> HTML {
        switch Self.state(step) {
        case "running": run.completion == nil ? .status(nil) : "<span class=\"tag\">no end reported</span>"
        case "oom": .status(.oomKilled)
        case "ok": .status(.success)
        default:
            "<span class=\"tag warn\">\(step.stop?.usage.signal.flatMap { $0 != 0 ? "signal \($0)" : nil } ?? "exit \(step.stop?.usage.exitCode ?? 1)")</span>"
        }
    }

    private var pager: HTML? {
        guard facts.steps.count > Self.stepsPerPage else { return nil }
        let place = { (first: Int) in Link("/ui/run", ["id": run.id.rawValue, "from": String(first)]) }
        let last = min(facts.steps.count, firstStep + Self.stepsPerPage)
        return """
            <p class="pager"><span>Steps \(firstStep + 1) to \(last) of \(Figures.count(Int64(facts.steps.count)))</span>
            \(firstStep > 0 ? place(max(0, firstStep - Self.stepsPerPage)).html("Earlier steps") : nil)
            \(last < facts.steps.count ? place(last).html("Later steps") : nil)</p>
            """
    }

    private var explanation: HTML {
        if let recommendation { return ExplanationCard(recommendation).html }
        if let id = run.recommendationID {
            return "<p>The run names recommendation <code>\(id)</code>, which is not kept here.</p>"
        }
        return """
            <p>This run followed no recommendation: it ran with its own settings, and was measured. With <code>-j{jobs}</code> in a wrapped
            command, or the settings of <code>inframind optimize</code>, the next one can.
            \(Link.whatIf(StepIdentity(pipeline: run.pipeline)).html("What it would get"))</p>
            """
    }

    private var about: HTML {
        let rows: [(String, String?)] = [
            ("Branch", run.branch), ("Commit", run.commit), ("Image", run.image),
            ("Tools", run.tools.joined(separator: ", ")), ("Repository", run.repository), ("Node", run.node),
            ("CI system", run.ci?.system), ("Attempt", run.ci?.attempt.map(String.init)),
        ]
        let facts: [HTML] = rows.compactMap { name, value in
            value.flatMap { $0.isEmpty ? nil : "<dt>\(name)</dt><dd>\($0)</dd>" as HTML }
        }
        // Only what is a web address becomes a link.
        let url: HTML? = run.ci?.url.flatMap { url in
            url.hasPrefix("https://") || url.hasPrefix("http://")
                ? "<dt>In CI</dt><dd><a href=\"\(url)\" rel=\"noreferrer noopener\">\(url)</a></dd>" : nil
        }
        return """
            <dl class="facts">\(facts)\(url)</dl>
            <p class="quiet">On the command line: <code>inframind explain \(run.id.rawValue)</code></p>
            """
    }
}
