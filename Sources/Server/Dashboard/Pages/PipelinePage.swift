import Builds
import Optimizer
import Storage

/// `/ui/pipeline`: the runs of one pipeline over time, what was predicted and what came, and what it gets next.
struct PipelinePage: Sendable {
    static let runsPerPage = 30
    static let events = 20

    var name: String
    /// `nil` before its first run was learned.
    var pipeline: StoredPipeline?
    /// Newest first.
    var runs: [RunFacts]
    var recommendations: [String: Recommendation]
    var events: [StoredEvent]
    var kills: [OOMKill]
    /// What it would get now; `nil` on older pages, and before anything is known.
    var next: WhatIf?
    var weeks: [UsageWeek]
    var isFirstPage: Bool
    var isLastPage: Bool

    var body: HTML {
        """
        <p class="crumbs"><a href="/ui/pipelines">Pipelines</a></p>
        <h1>\(name)</h1>
        \(lead)
        \(killNotes)
        \(next.map { NextSettings(pipeline: name, answer: $0).html })
        <section aria-label="Runs over time">
        <h2>Runs over time</h2>
        <div class="columns">\(memoryChart.chart.html)\(durationChart.chart.html)</div>
        \(headroom)
        </section>
        <section class="panel"><h2>Runs</h2>\(runTable)\(pager)</section>
        <div class="columns"><section class="panel"><h2>Events</h2>\(eventList)</section>
        <section class="panel"><h2>By week</h2>\(weekTable)</section></div>
        """
    }

    private var lead: HTML {
        guard let pipeline else {
            return
                "<p class=\"lead\">\(Figures.count(Int64(runs.count), "run")) so far; none is over and learned from yet.</p>"
        }
        return """
            <p class="lead">\(Figures.count(pipeline.runs, "run")), \(Figures.count(pipeline.oomRuns)) of them out of memory. The newest
            began \(.time(pipeline.lastStartedAt)) and ended in \(.status(pipeline.lastStatus)).</p>
            """
    }

    private var killNotes: HTML? {
        guard isFirstPage, let kill = kills.first else { return nil }
        return """
            <div class="note bad"><h2>Out of memory</h2><ul class="plain">\(kills.prefix(3).map(\.html))</ul>
            <p>\(Link("/ui/oom", ["pipeline": kill.outcome.step.pipeline]).html("All OOM kills of this pipeline"))</p></div>
            """
    }

    private var marks: [String: [String]] {
        Dictionary(grouping: events) { $0.runID.rawValue }.mapValues { $0.compactMap { $0.event?.kind } }
    }

    private func points(
        measured: (RunFacts) -> Double?, limit: (RunFacts) -> Double? = { _ in nil },
        predicted: (Prediction) -> (Double, Double)?
    ) -> [RunChart.Point] {
        let marks = marks
        return runs.reversed().map { facts in
            RunChart.Point(
                label: Figures.time(facts.run.startedAt), link: .run(facts.run.id.rawValue), measured: measured(facts),
                predicted: facts.run.recommendationID.flatMap { recommendations[$0] }.flatMap {
                    predicted($0.prediction)
                },
                limit: limit(facts), mark: facts.mark(marks[facts.run.id.rawValue] ?? []))
        }
    }

    private var memoryChart: RunChart {
        RunChart(
            title: "Peak memory and limit", noun: "Peak memory",
            points: points(
                measured: { $0.peakBytes.map(Units.gib(bytes:)) }, limit: { $0.limitBytes.map(Units.gib(bytes:)) },
                predicted: { prediction in
                    prediction.peakMemoryBytesP50.flatMap { expected in
                        prediction.memoryLimitQuantileBytes.map { (Units.gib(bytes: expected), Units.gib(bytes: $0)) }
                    }
                }), unit: { Figures.memory(gib: $0) }, hasLimit: true)
    }

    private var durationChart: RunChart {
        RunChart(
            title: "Duration", noun: "Duration",
            points: points(
                measured: { $0.run.completion?.durationSeconds },
                predicted: { prediction in
                    prediction.durationSecondsP50.flatMap { median in prediction.durationSecondsP90.map { (median, $0) }
                    }
                }), unit: { Figures.duration($0) })
    }

    private var headroom: HTML? {
        let rooms = runs.compactMap { facts in
            facts.limitBytes.flatMap { limit in
                facts.peakBytes.map { limit > 0 ? 1 - Double(min($0, limit)) / Double(limit) : 0 }
            }
        }
        guard let least = rooms.min() else { return nil }
        let mean = rooms.reduce(0, +) / Double(rooms.count)
        return """
            <p class="quiet">Memory headroom on this page: \(Figures.percent(mean)) on average, \(Figures.percent(least)) at the
            least, over \(Figures.count(Int64(rooms.count), "run")) with a known limit and peak.</p>
            """
    }

    private var runTable: HTML {
        guard !runs.isEmpty else { return "<p>There are no older runs.</p>" }
        return Table(
            caption: "Newest first; under a duration what was predicted, median to nine of ten",
            columns: [
                "Run", "Began", "Ended", "Settings", "Duration", "Peak memory", "Headroom", "CPU time", "Cache hits",
                "Branch",
            ],
            rows: runs.map(row), numeric: [4, 5, 6, 7, 8]
        ).withoutUnknown.html
    }

    private func row(_ facts: RunFacts) -> [HTML] {
        let recommended = facts.run.recommendationID.flatMap { recommendations[$0] }
        let predicted: HTML? = recommended?.prediction.durationSecondsP50.map { median in
            let late = recommended?.prediction.durationSecondsP90.map { " – " + Figures.duration($0) } ?? ""
            return "<span class=\"predicted\">\(Figures.duration(median))\(late)</span>"
        }
        return [
            Link.run(facts.run.id.rawValue).html("\(facts.run.id.rawValue)"), .time(facts.run.startedAt),
            .status(facts.status),
            """
            <span class="whole">\(facts.settings)</span>\(recommended == nil ? nil : " <span class=\"tag\">recommended</span>" as HTML)
            """,
            "\(Figures.duration(facts.run.completion?.durationSeconds))\(predicted)",
            "\(Figures.memory(facts.peakBytes))", .headroom(facts.peakBytes, of: facts.limitBytes),
            "\(Figures.duration(facts.cpuSeconds))", "\(Figures.percent(facts.cacheHitRatio))", "\(facts.run.branch)",
        ]
    }

    private var pager: HTML? {
        let newest: HTML? = isFirstPage ? nil : Link.pipeline(name).html("Newest runs")
        let older: HTML? =
            isLastPage
            ? nil : runs.last.map { Link.pipeline(name, before: $0.stored.number).html("Older runs") }
        return "<p class=\"pager\">\(newest) \(older)</p>"
    }

    private var eventList: HTML {
        guard !events.isEmpty else {
            return
                "<p class=\"quiet\">Nothing drifted and nothing stood out. Five runs are needed before anything can.</p>"
        }
        return """
            <ul class="plain">\(events.map { EventItem($0).html })</ul>
            <p>\(Link("/ui/events", ["pipeline": name]).html("All events of this pipeline"))</p>
            """
    }

    private var weekTable: HTML {
        guard !weeks.isEmpty else {
            return "<p class=\"quiet\">Sums begin with the first run that is learned from.</p>"
        }
        return Table(
            caption: "Newest week first",
            columns: ["Week of", "Runs", "Cost", "Unused", "Out of memory", "Cache hits"],
            rows: weeks.map { entry in
                let figures = entry.figures
                let lookups = figures.cacheHits + figures.cacheMisses
                return [
                    "\(Figures.day(entry.week.start))", "\(Figures.count(figures.runs))",
                    "\(Figures.dollars(figures.costUSD))", "\(Figures.dollars(figures.unusedUSD))",
                    "\(Figures.count(figures.oomRuns))",
                    "\(Figures.percent(lookups > 0 ? figures.cacheHits / lookups : nil))",
                ]
            }, numeric: [1, 2, 3, 4, 5]
        ).html
    }
}

extension HTML {
    /// Room between a peak and its limit, as a bar and in words.
    static func headroom(_ peak: Int64?, of limit: Int64?) -> HTML {
        guard let peak, let limit, limit > 0 else { return "–" }
        let used = min(1, max(0, Double(peak) / Double(limit)))
        return """
            <svg class="meter" viewBox="0 0 112 10" aria-hidden="true"><rect width="112" height="10" rx="3"/>\
            <rect class="fill\(used > 0.97 ? " high" : "" as HTML)" width="\(at: used * 112)" height="10" rx="3"/></svg> \
            <span class="share">\(Figures.percent(1 - used))</span>
            """
    }
}

/// What a pipeline would get if it ran now, in short; the reasons are a click away.
struct NextSettings: Sendable {
    var pipeline: String
    var answer: WhatIf

    var html: HTML {
        let settings = answer.recommendation.settings
        let link = Link.whatIf(answer.recommendation.target)
        return """
            <section class="panel"><h2>What it gets next</h2>
            <p><strong>\(Figures.count(Int64(settings.jobs ?? 1), "job")), \(Figures.cores(settings.cpuMillicores)),
            \(Figures.memory(settings.memoryBytes))</strong> – \(answer.recommendation.rationale)</p>
            <details><summary>Why these numbers?</summary>\(ExplanationCard(answer.recommendation).html)</details>
            <p><a class="button" href="\(link.text)">What if it had something else?</a>
            <a class="button secondary" href="\(Link("/ui/backtest", ["pipeline": pipeline]).text)">Backtest on its own builds</a></p></section>
            """
    }
}
