import Builds
import Optimizer
import Storage

/// `/ui/what-if`: moves CPU, memory and -j, and says what time, cost and OOM risk would follow. Asking changes nothing.
struct WhatIfPage: Sendable {
    /// Runs whose steps are offered.
    static let recentRuns = 10
    static let mostSteps = 60

    var target: StepIdentity
    /// Steps the pipeline has run lately.
    var steps: [StepIdentity]
    /// What was asked for, as far as it was.
    var asked: Settings
    var answer: WhatIf

    var body: HTML {
        """
        <p class="crumbs"><a href="/ui/what-if">What if</a> / \(Link.pipeline(target.pipeline).html("\(target.pipeline)"))</p>
        <h1>What if \(MemoryKill.name(target)) had something else?</h1>
        <p class="lead">Predictions from \(Figures.count(Int64(answer.runs), "run")); nothing is changed by asking.</p>
        \(stepChoice)
        <form method="get" action="/ui/what-if" class="panel" data-what-if>
        <input type="hidden" name="pipeline" value="\(target.pipeline)">
        \(target.stage.isEmpty ? nil : "<input type=\"hidden\" name=\"stage\" value=\"\(target.stage)\">" as HTML)
        \(target.step.isEmpty ? nil : "<input type=\"hidden\" name=\"step\" value=\"\(target.step)\">" as HTML)
        <div class="fields">\(fields)<button>Ask</button>
        \(Link.whatIf(target).html("Back to the recommended"))</div>
        </form>
        <p id="verdict" class="note \(tone)" role="status">\(verdict)</p>
        <div id="answer"><section class="panel" aria-label="What would follow">\(table)</section>
        <div class="columns">\(memoryCurve?.chart.html)\(jobsCurve?.chart.html)</div>
        \(caveats)
        \(apply)
        <section class="panel"><h2>Why the recommended settings are what they are</h2>\(ExplanationCard(answer.recommendation).html)</section>
        </div>
        """
    }

    private var stepChoice: HTML? {
        guard steps.count > 1 else { return nil }
        let all = [StepIdentity(pipeline: target.pipeline)] + steps
        let items: [HTML] = all.map { step in
            let name =
                step.step.isEmpty && step.stage.isEmpty
                ? "all steps" : step.stage.isEmpty ? step.step : "\(step.stage) / \(step.step)"
            return step == target
                ? "<li><strong aria-current=\"true\">\(name)</strong></li>"
                : "<li>\(Link.whatIf(step).html("\(name)"))</li>"
        }
        return "<nav aria-label=\"Steps\"><ul class=\"legend\">\(items)</ul></nav>"
    }

    private var fields: HTML {
        let (asked, recommended) = (answer.asked.settings, answer.recommended.settings)
        let jobs = Double(asked.jobs ?? 1)
        let cores = Units.cores(millicores: asked.cpuMillicores ?? 1000)
        let gib = Self.shownGiB(asked.memoryBytes)
        let peak = answer.recentPeaks.max().map(Units.gib(bytes:)) ?? 0
        return [
            field(
                "jobs", "Jobs (-j)", jobs, step: "1", least: 1,
                most: max(16, 2 * jobs, 2 * Double(recommended.jobs ?? 1)).rounded()),
            field(
                "cpu", "CPU, cores", cores, step: "0.25", least: 0.25,
                most: max(16, 2 * cores, 2 * Units.cores(millicores: recommended.cpuMillicores ?? 1000)).rounded()),
            field(
                "memory", "Memory, GiB", gib, step: "0.0625", least: 0.0625,
                most: max(4, 2 * gib, 2 * Units.gib(bytes: recommended.memoryBytes ?? 0), 2 * peak).rounded()),
        ].joined()
    }

    private func field(_ name: String, _ text: String, _ value: Double, step: String, least: Double, most: Double)
        -> HTML
    {
        let shown = Figures.rounded(value, decimals: 4)
        return """
            <div><label for="\(name)">\(text)</label>
            <input id="\(name)" name="\(name)" type="number" inputmode="decimal" min="\(Figures.rounded(least, decimals: 4))" step="any" value="\(shown)" required>
            <input type="range" aria-label="\(text), slider" data-box="\(name)" min="\(Figures.rounded(least, decimals: 4))" max="\(Figures.rounded(most, decimals: 0))" step="\(step)" value="\(shown)" hidden></div>
            """
    }

    /// Two decimals, never less than there is: asking again must not take some of it away.
    private static func shownGiB(_ bytes: Int64?) -> Double {
        (Units.gib(bytes: bytes ?? 0) * 100).rounded(.up) / 100
    }

    private var tone: HTML {
        guard let risk = answer.asked.oomRisk else { return "bad" }
        let accepted = answer.recommendation.prediction.oomProbability ?? 0.02
        return risk <= max(accepted, 0.02) * 1.4 ? "ok" : "warn"
    }

    private var verdict: String {
        let asked = answer.asked
        let settings =
            "\(Figures.count(Int64(asked.settings.jobs ?? 1), "job")) on \(Figures.cores(asked.settings.cpuMillicores)) with "
            + Figures.memory(asked.settings.memoryBytes)
        let risk =
            asked.oomRisk.map { "run out of memory in at most \(Figures.percent($0)) of the runs" }
            ?? "run out of memory more often than not"
        let duration =
            asked.durationSecondsP50.map { "take about \(Figures.duration($0))" } ?? "take a time that is not known yet"
        let cost = asked.costUSD.map { " and cost \(Figures.dollars($0)) a run" } ?? ""
        return "\(settings): expected to \(duration)\(cost), and to \(risk)."
    }

    private var table: HTML {
        func row(_ name: String, _ forecast: Forecast) -> [HTML] {
            [
                "\(name)", "\(forecast.settings.jobs ?? 1)", "\(Figures.cores(forecast.settings.cpuMillicores))",
                "\(Figures.memory(forecast.settings.memoryBytes))", "\(Figures.duration(forecast.durationSecondsP50))",
                "\(Figures.duration(forecast.durationSecondsP90))",
                "\(forecast.oomRisk.map { "at most \(Figures.percent($0))" } ?? "more than 50 %")",
                "\(Figures.dollars(forecast.costUSD))",
            ]
        }
        return Table(
            caption: "What would follow",
            columns: ["", "Jobs", "CPU", "Memory", "Time, median", "Nine of ten within", "OOM risk", "Cost a run"],
            rows: [row("Asked", answer.asked), row("Recommended", answer.recommended)]
                + (answer.baseline.map { [row("Without InfraMind", $0)] } ?? []),
            numeric: [1, 2, 3, 4, 5, 6, 7]
        ).html
    }

    private var memoryCurve: CurveChart? {
        guard answer.memoryByRisk.count > 1 else { return nil }
        func place(_ name: String, _ mark: String, _ forecast: Forecast) -> CurveChart.Place {
            .init(name: name, mark: mark, x: Units.gib(bytes: forecast.settings.memoryBytes ?? 0), y: forecast.oomRisk)
        }
        return CurveChart(
            title: "OOM risk over memory", xName: "Memory", yName: "OOM risk at most",
            points: answer.memoryByRisk.map { .init(x: Units.gib(bytes: $0.memoryBytes), y: $0.risk) },
            places: [
                place("asked", "asked", answer.asked), place("recommended", "recommended", answer.recommended),
            ], xUnit: { Figures.memory(gib: $0) }, yUnit: { Figures.percent($0) })
    }

    private var jobsCurve: CurveChart? {
        let points = answer.byJobs.compactMap { forecast in
            forecast.durationSecondsP50.map { CurveChart.Point(x: Double(forecast.settings.jobs ?? 1), y: $0) }
        }
        guard points.count > 1 else { return nil }
        return CurveChart(
            title: "Time over jobs, at the CPU asked about", xName: "Jobs", yName: "Time, median", points: points,
            places: [
                .init(
                    name: "asked", mark: "asked", x: Double(answer.asked.settings.jobs ?? 1),
                    y: answer.asked.durationSecondsP50)
            ], xUnit: { Figures.rounded($0, decimals: 0) }, yUnit: { Figures.duration($0) })
    }

    private var caveats: HTML? {
        var notes: [HTML] = []
        if answer.runs == 0 {
            notes.append(
                "<li>No run of this is known yet: the numbers come from other builds. One run makes them its own.</li>")
        } else if answer.timedRuns == 0 {
            notes.append(
                """
                <li>Durations are not known: jobs, CPU or time were missing in every report. <code>inframind run</code> measures
                all three.</li>
                """)
        }
        if answer.asked.isExtrapolated {
            notes.append(
                """
                <li>Jobs or cores are more than twice, or less than half, of anything that ran: take the time as a guess.
                <code>inframind sweep</code> measures it.</li>
                """)
        }
        if let peak = answer.recentPeaks.max(), let memory = answer.asked.settings.memoryBytes, memory < peak {
            notes.append("<li>A recent run peaked at \(Figures.memory(peak)), above the memory asked about.</li>")
        }
        return notes.isEmpty ? nil : "<div class=\"note warn\"><ul class=\"plain\">\(notes)</ul></div>"
    }

    private var apply: HTML {
        let asked = answer.asked.settings
        let memory = Figures.rounded(Self.shownGiB(asked.memoryBytes), decimals: 2)
        let cores = Figures.rounded(Units.cores(millicores: asked.cpuMillicores ?? 1000), decimals: 2)
        return """
            <section class="panel"><h2>To put it into effect</h2>
            <p>In the request to <a href="/docs#optimize">/optimize</a>, bounds win over everything but what the build is known to need:</p>
            <pre tabindex="0"><code>"constraints": {"min_ram_gb": \(memory), "max_cpu": \(cores), "max_concurrency": \(asked.jobs ?? 1)}</code></pre>
            <p>Or give the pipeline these settings in your CI; the next run tells InfraMind what came of it.</p></section>
            """
    }
}

/// `/ui/what-if` without a pipeline.
struct WhatIfChoicePage: Sendable {
    static let pipelines = 50

    var pipelines: [StoredPipeline]
    var server: String

    var body: HTML {
        guard !pipelines.isEmpty else { return GettingStarted(server: server).html }
        let items: [HTML] = pipelines.map { pipeline in
            "<li>\(Link.whatIf(StepIdentity(pipeline: pipeline.name)).html("\(pipeline.name)")) <span class=\"quiet\">\(Figures.count(pipeline.runs, "run"))</span></li>"
        }
        return """
            <h1>What if?</h1>
            <p class="lead">See what CPU, memory and -j would do to time, cost and OOM risk before anything is changed.</p>
            <form method="get" action="/ui/what-if" class="inline"><label for="pipeline">Pipeline
            <input id="pipeline" name="pipeline" required></label><button>Ask</button></form>
            <section class="panel"><h2>Pipelines</h2><ul class="plain">\(items)</ul>
            <p><a href="/ui/pipelines">All pipelines</a></p></section>
            """
    }
}
