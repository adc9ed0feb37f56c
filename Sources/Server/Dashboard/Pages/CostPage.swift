import Builds
import Optimizer
import Storage

/// `/ui/cost`: what pipelines cost, what of it was for nothing, what following the recommendations saves.
struct CostPage: Sendable {
    static let weeks = 26
    static let perPage = 50

    var weeks: [UsageWeek]
    var week: Week
    var pipelines: [UsageWeek]
    var next: UnusedPosition?
    var prices: PoolPrices
    var pools: [String: PoolPrices]
    var server: String

    var body: HTML {
        guard !weeks.isEmpty else { return GettingStarted(server: server).html }
        let all = weeks.reduce(UsageFigures()) { $0 + $1.figures }
        let now = weeks.first { $0.week == week }?.figures ?? UsageFigures()
        return """
            <h1>Cost</h1>
            <p class="lead">What was reserved, at \(Figures.dollars(prices.cpuPerCoreHourUSD)) per core and hour and
            \(Figures.dollars(prices.memoryPerGiBHourUSD)) per GiB and hour\(pools.isEmpty ? "" : "; pools of their own prices: \(pools.keys.sorted().joined(separator: ", "))").
            Set <code>cpu-price</code>, <code>memory-price</code> and <code>pool-prices</code> to what you pay.</p>
            <div class="cards">
            <section class="card"><h2 class="name">Week of \(Figures.day(week.start))</h2><div class="figure">\(Figures.dollars(now.costUSD))</div>
            <p>\(Figures.count(now.runs, "run")), \(Figures.dollars(now.runs > 0 ? now.costUSD / now.runs : nil)) each.</p></section>
            <section class="card"><h2 class="name">Reserved and not used</h2><div class="figure">\(Figures.dollars(now.unusedUSD))</div>
            <p>\(Figures.percent(now.costUSD > 0 ? now.unusedUSD / now.costUSD : nil)) of the week’s cost.</p></section>
            <section class="card"><h2 class="name">Lost to OOM kills</h2><div class="figure">\(Figures.dollars(now.oomUSD))</div>
            <p>Attempts that ran out of memory and had to be run again.</p></section>
            <section class="card"><h2 class="name">Against the baselines</h2><div class="figure">\(saved(all))</div><p>\(savedText(all))</p></section>
            </div>
            \(chart.chart.html)
            <section class="panel"><h2>By pipeline, week of \(Figures.day(week.start))</h2>
            \(PipelineRows.table(pipelines, caption: "The most unused money first").html)
            \(pager)</section>
            """
    }

    private func saved(_ all: UsageFigures) -> String {
        all.baselineUSD > 0 ? Figures.percent(1 - all.againstBaselineUSD / all.baselineUSD) : "–"
    }

    private func savedText(_ all: UsageFigures) -> String {
        guard all.baselineUSD > 0 else {
            return "Not known: no run that followed a recommendation had a baseline (what it would run with otherwise)."
        }
        return
            "An estimate: runs that followed a recommendation cost \(Figures.dollars(all.againstBaselineUSD)); the model "
            + "puts their baselines at \(Figures.dollars(all.baselineUSD)). Control runs (control-rate) make it a measurement."
    }

    private var chart: BarChart {
        BarChart(
            title: "Cost a week", names: ("all", "of it unused"),
            bars: weeks.reversed().map {
                .init(label: Figures.day($0.week.start), first: $0.figures.costUSD, second: $0.figures.unusedUSD)
            }, unit: { Figures.dollars($0) })
    }

    private var pager: HTML {
        let more: HTML? = next.map { position in
            Link(
                "/ui/cost",
                ["week": String(week.number), "unused": String(position.unusedUSD), "after": position.pipeline]
            ).html("More pipelines")
        }
        let earlier: HTML? =
            weeks.contains { $0.week < week }
            ? Link("/ui/cost", ["week": String(week.number - 1)]).html("The week before") : nil
        let later: HTML? =
            weeks.contains { $0.week > week }
            ? Link("/ui/cost", ["week": String(week.number + 1)]).html("The week after") : nil
        return "<p class=\"pager\">\(more) \(earlier) \(later)</p>"
    }
}
