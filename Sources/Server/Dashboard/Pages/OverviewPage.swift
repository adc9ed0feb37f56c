import Builds
import Contract
import Storage

/// `/`: all pipelines together. Is the promise kept, what is wasted and where, what changed.
struct OverviewPage: Sendable {
    /// Weeks of the pictures and of the promise.
    static let weeks = 13
    static let pipelinesPerPage = 25

    /// Newest first.
    var weeks: [UsageWeek]
    /// The week whose pipelines are listed.
    var week: Week
    var pipelines: [UsageWeek]
    var nextPipelines: UnusedPosition?
    var kills: [OOMKill]
    var events: [StoredEvent]
    var thisWeek: Week
    /// Runs that are over and not learned from yet, at most as many as were asked for.
    var waitingRuns: Int
    var server: String

    var body: HTML {
        guard !weeks.isEmpty else { return waitingRuns > 0 ? waiting : GettingStarted(server: server).html }
        let all = weeks.reduce(UsageFigures()) { $0 + $1.figures }
        return """
            <h1>Overview</h1>
            <p class="lead">The last \(Figures.count(Int64(weeks.count), "week")) in which something ran, since
            \(Figures.day((weeks.last?.week ?? thisWeek).start)).</p>
            \(waitingNote)
            \(cards(all))
            <div class="columns"><section class="panel"><h2>What changed \(weekName)</h2>\(changes)</section>
            <section class="panel"><h2>Out of memory</h2>\(killList)</section></div>
            <div class="columns">\(memoryChart.chart.html)\(promiseChart.chart.html)</div>
            <section class="panel" id="opportunity"><h2>Pipelines by opportunity</h2>
            <p class="quiet">Money paid \(weekName) for memory and cores that were reserved and not used. What a pipeline would get
            instead, and why, is on its page.</p>
            \(pipelineTable)\(pager)</section>
            """
    }

    private var weekName: String {
        week == thisWeek ? "this week" : "in the week of \(Figures.day(week.start))"
    }

    private var waiting: HTML {
        """
        <h1>Overview</h1>
        <div class="note"><p>Runs have arrived and are being learned from. This page fills in a moment: load it again.</p></div>
        """
    }

    private var waitingNote: HTML? {
        guard waitingRuns > 1 else { return nil }
        return
            "<div class=\"note\"><p>More runs are waiting to be learned from; the sums below grow until that is done.</p></div>"
    }

    private func cards(_ all: UsageFigures) -> HTML {
        let promise = Promise(all)
        let used = all.memoryAskedGiBSeconds > 0 ? all.memoryUsedGiBSeconds / all.memoryAskedGiBSeconds : nil
        let cores = all.coreAskedSeconds > 0 ? all.coreUsedSeconds / all.coreAskedSeconds : nil
        return """
            <div class="cards">
            <section class="card"><h2 class="name">OOM promise \(promise.tag)</h2>
            <div class="figure">\(Figures.percent(promise.cameShare)) <small class="quiet">of \(Figures.percent(promise.promisedShare))</small></div>
            <p>\(promise.text)</p></section>
            <section class="card"><h2 class="name">Reserved memory used</h2><div class="figure">\(Figures.percent(used))</div>
            <p>\(Figures.count(all.memoryUsedGiBSeconds / 3600)) of \(Figures.count(all.memoryAskedGiBSeconds / 3600)) GiB hours;
            cores: \(Figures.percent(cores)).</p></section>
            <section class="card"><h2 class="name">Cost</h2><div class="figure">\(Figures.dollars(all.costUSD))</div>
            <p>\(Figures.dollars(all.unusedUSD)) of it for what nobody used. <a href="/ui/cost">By pipeline</a></p></section>
            <section class="card"><h2 class="name">Runs</h2><div class="figure">\(Figures.count(all.runs))</div>
            <p>\(Figures.percent(all.runs > 0 ? 1 - all.failedRuns / all.runs : nil)) succeeded;
            \(Figures.count(all.oomRuns)) ran out of memory.</p></section>
            </div>
            """
    }

    private var changes: HTML {
        guard let now = weeks.first(where: { $0.week == week })?.figures else { return "<p>No run is over yet.</p>" }
        guard let before = weeks.first(where: { $0.week < week })?.figures else {
            return "<p>This is the first week; from the next on, this says what is different.</p>\(eventList)"
        }
        func row(_ name: String, _ value: (UsageFigures) -> Double?, _ text: (Double?) -> String, worse: Bool) -> [HTML]
        {
            let (old, new) = (value(before), value(now))
            let change = old.flatMap { old in new.map { Figures.change(from: old, to: $0) } } ?? "–"
            let isWorse = worse && (old.flatMap { old in new.map { $0 > old * 1.1 } } ?? false)
            return [
                "\(name)", "\(text(old))", "\(text(new))",
                isWorse ? "<span class=\"tag warn\">\(change)</span>" : "\(change)",
            ]
        }
        let perRun = { (path: KeyPath<UsageFigures, Double>) in
            { (figures: UsageFigures) -> Double? in figures.runs > 0 ? figures[keyPath: path] / figures.runs : nil }
        }
        let table = Table(
            columns: ["Each run", "Week before", "Now", "Change"],
            rows: [
                row("Runs", { $0.runs }, { Figures.count($0 ?? 0) }, worse: false),
                row("Duration", perRun(\.durationSeconds), Figures.duration, worse: true),
                row("Cost", perRun(\.costUSD), Figures.dollars, worse: true),
                row("Unused", perRun(\.unusedUSD), Figures.dollars, worse: true),
                row("Failed", perRun(\.failedRuns), Figures.percent, worse: true),
                row("Out of memory", perRun(\.oomRuns), Figures.percent, worse: true),
                row(
                    "Cache hits",
                    { $0.cacheHits + $0.cacheMisses > 0 ? $0.cacheHits / ($0.cacheHits + $0.cacheMisses) : nil },
                    Figures.percent, worse: false),
            ], numeric: [1, 2, 3])
        return "\(table.html)\(eventList)"
    }

    private var eventList: HTML {
        // Kills are told beside it.
        let events = events.filter { $0.event?.kind != MemoryKill.kind }
        guard !events.isEmpty else {
            return "<p class=\"quiet\">Nothing drifted and nothing stood out. <a href=\"/ui/events\">All events</a></p>"
        }
        return
            "<ul class=\"plain\">\(events.map { EventItem($0).html })</ul><p><a href=\"/ui/events\">All events</a></p>"
    }

    private var killList: HTML {
        guard !kills.isEmpty else {
            return """
                <p>No run ran out of memory. When one does, it is told here within seconds: where, at which limit, and what the next
                run gets.</p>
                """
        }
        return "<ul class=\"plain\">\(kills.map(\.html))</ul><p><a href=\"/ui/oom\">All OOM kills</a></p>"
    }

    private var memoryChart: BarChart {
        BarChart(
            title: "Memory, GiB hours a week", names: ("asked for", "used"),
            bars: weeks.reversed().map {
                .init(
                    label: Figures.day($0.week.start), first: $0.figures.memoryAskedGiBSeconds / 3600,
                    second: $0.figures.memoryUsedGiBSeconds / 3600)
            }, unit: { Figures.rounded($0, decimals: $0 < 10 ? 2 : 0) })
    }

    private var promiseChart: BarChart {
        BarChart(
            title: "Runs out of memory, promised and come", names: ("promised", "came"),
            bars: weeks.reversed().map {
                let promise = Promise($0.figures)
                return .init(
                    label: Figures.day($0.week.start), first: promise.promisedShare ?? 0, second: promise.cameShare ?? 0
                )
            }, unit: { Figures.percent($0) })
    }

    private var pipelineTable: HTML {
        guard !pipelines.isEmpty else { return "<p>No pipeline ran \(weekName).</p>" }
        return PipelineRows.table(pipelines, caption: "Pipelines \(weekName), the most unused money first").html
    }

    private var pager: HTML? {
        let more: HTML? = nextPipelines.map { position in
            Link(
                "/",
                [
                    "week": String(week.number), "unused": String(position.unusedUSD), "after": position.pipeline,
                ]
            ).html("More pipelines")
        }
        let earlier: HTML? =
            weeks.contains { $0.week < week }
            ? Link("/", ["week": String(week.number - 1)]).html("The week before") : nil
        return "<p class=\"pager\">\(more) \(earlier)</p>"
    }
}

/// Pipelines with their sums of a week.
enum PipelineRows {
    static func table(_ weeks: [UsageWeek], caption: String) -> Table {
        Table(
            caption: caption,
            columns: [
                "Pipeline", "Runs", "Cost", "Unused", "Memory used", "Cores used", "Out of memory", "Mean duration",
            ],
            rows: weeks.map { entry in
                let figures = entry.figures
                return [
                    Link.pipeline(entry.pipeline).html("\(entry.pipeline)"), "\(Figures.count(figures.runs))",
                    "\(Figures.dollars(figures.costUSD))", "\(Figures.dollars(figures.unusedUSD))",
                    share(figures.memoryUsedGiBSeconds, of: figures.memoryAskedGiBSeconds),
                    share(figures.coreUsedSeconds, of: figures.coreAskedSeconds),
                    figures.oomRuns > 0 ? "<span class=\"tag bad\">\(Figures.count(figures.oomRuns))</span>" : "0",
                    "\(Figures.duration(figures.runs > 0 ? figures.durationSeconds / figures.runs : nil))",
                ]
            }, numeric: [1, 2, 3, 4, 5, 6, 7])
    }

    private static func share(_ part: Double, of whole: Double) -> HTML {
        "\(Figures.percent(whole > 0 ? part / whole : nil))"
    }
}

/// A line that says what an event was.
struct EventItem: Sendable {
    var stored: StoredEvent

    init(_ stored: StoredEvent) { self.stored = stored }

    var html: HTML {
        // One that a later version wrote is only named.
        guard let event = stored.event else {
            return
                "<li>Something in \(Link.pipeline(stored.pipeline).html("\(stored.pipeline)")) that this version does not know.</li>"
        }
        let tone: HTML = event.kind == "anomaly" ? "warn" : "bad"
        return """
            <li><span class="tag \(tone)">\(Self.name(event.kind))</span> \(Link.pipeline(stored.pipeline).html("\(stored.pipeline)")): \
            \(event.text) \(Link.run(stored.runID.rawValue).html("Run \(stored.runID.rawValue)")) \
            <span class="quiet">\(event.at.prefix(16).replacing("T", with: " "))</span></li>
            """
    }

    static func name(_ kind: String) -> String {
        switch kind {
        case MemoryKill.kind: "OOM kill"
        case "oom_rate": "too many OOM kills"
        default: kind
        }
    }
}

/// What is shown before the first run: the next step.
struct GettingStarted: Sendable {
    var server: String

    var html: HTML {
        """
        <h1>Nothing has run yet</h1>
        <p class="lead">Three steps from here to a sized build. The first takes a minute.</p>
        <ol class="steps">
        <li><strong>Wrap a build.</strong> Output, exit code and signals stay the command’s own; if this server is away, the build runs
        as before.
        <pre><code>export INFRAMIND_URL=\(server) INFRAMIND_TOKEN=…
        inframind run --pipeline shop/api --stage build --step compile -- make -j{jobs}</code></pre></li>
        <li><strong>Run it a few times.</strong> After the first run its peak memory, CPU and time are known; after about five, what it
        gets next rests on its own history. The run appears here within seconds.</li>
        <li><strong>Look at what it would get, and why.</strong> <a href="/ui/what-if">What if</a> moves CPU, memory and -j before anything
        is changed. <code>inframind optimize</code> hands the numbers to your CI.</li>
        </ol>
        <p>Just looking? <code>make seed-demo</code> in the source tree sends 50 made-up runs. The <a href="/docs/quickstart">quick start</a>
        has all of it, <a href="/docs/integrations">integrations</a> the doors for Jenkins, GitHub, GitLab, CircleCI and Tekton.</p>
        """
    }
}
