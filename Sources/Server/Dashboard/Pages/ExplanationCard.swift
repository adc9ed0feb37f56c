import Builds
import Contract

/// A recommendation for who wants to know: what, why, at which risk, against what, and how to say no.
struct ExplanationCard: Sendable {
    let recommendation: Recommendation

    init(_ recommendation: Recommendation) { self.recommendation = recommendation }

    var html: HTML {
        """
        <p>\(recommendation.rationale)</p>
        \(predictions)
        \(reasons)
        \(guardrails)
        \(steps)
        \(footer)
        """
    }

    private var predictions: HTML {
        let (settings, prediction) = (recommendation.settings, recommendation.prediction)
        let baseline = recommendation.baseline
        func row(_ name: String, _ given: String, _ predicted: String, _ without: String) -> [HTML] {
            ["\(name)", "\(given)", "\(predicted)", "\(without)"]
        }
        let memory =
            prediction.peakMemoryBytesP50.map { expected in
                "peak of \(Figures.memory(expected))"
                    + (prediction.memoryLimitQuantileBytes.map { ", sized for \(Figures.memory($0))" } ?? "")
            } ?? "–"
        let duration =
            prediction.durationSecondsP50.map { median in
                Figures.duration(median)
                    + (prediction.durationSecondsP90.map { ", nine of ten within \(Figures.duration($0))" } ?? "")
            } ?? "not known"
        return Table(
            columns: ["", "Recommended", "Predicted", "Without InfraMind"],
            rows: [
                row("Jobs", settings.jobs.map(String.init) ?? "–", "", baseline?.settings.jobs.map(String.init) ?? "–"),
                row("CPU", Figures.cores(settings.cpuMillicores), "", Figures.cores(baseline?.settings.cpuMillicores)),
                row(
                    "Memory", Figures.memory(settings.memoryBytes), memory,
                    Figures.memory(baseline?.settings.memoryBytes)),
                row("Duration", "", duration, Figures.duration(baseline?.durationSeconds)),
                row("OOM risk", "", prediction.oomProbability.map { "at most \(Figures.percent($0))" } ?? "–", ""),
                row("Cost", "", Figures.dollars(prediction.costUSD), Figures.dollars(baseline?.costUSD)),
            ]
        ).html
    }

    private var reasons: HTML? {
        guard !recommendation.reasons.isEmpty else { return nil }
        let items: [HTML] = recommendation.reasons.map { reason in
            "<li>\(reason.text) \(evidence(reason))</li>"
        }
        return "<h3>Why</h3><ol>\(items)</ol>"
    }

    private func evidence(_ reason: Reason) -> HTML? {
        let numbers = reason.evidence.sorted { $0.key < $1.key }
        guard !numbers.isEmpty else { return nil }
        let facts: [HTML] = numbers.map { name, value in "<dt><code>\(name)</code></dt><dd>\(Self.text(value))</dd>" }
        return "<details><summary>Evidence: \(reason.code)</summary><dl class=\"facts\">\(facts)</dl></details>"
    }

    private static func text(_ value: JSONValue) -> String {
        switch value {
        case .number(let number): Figures.rounded(number, decimals: 4)
        case .string(let text): text
        default: JSONText.string(value)
        }
    }

    private var guardrails: HTML? {
        guard !recommendation.guardrails.isEmpty else {
            return "<p class=\"quiet\">No guardrail had to change anything.</p>"
        }
        let items: [HTML] = recommendation.guardrails.map { action in
            let unit = action.setting == .memory ? " GiB" : action.setting == .cpu ? " cores" : " jobs"
            return """
                <li><code>\(action.name)</code> changed \(action.setting.rawValue) from
                \(Figures.rounded(action.before, decimals: 2)) to \(Figures.rounded(action.after, decimals: 2))\(unit).</li>
                """
        }
        return "<h3>Guardrails</h3><ul>\(items)</ul>"
    }

    private var steps: HTML? {
        guard !recommendation.steps.isEmpty else { return nil }
        return "<h3>By step</h3>"
            + Table(
                columns: ["Step", "Jobs", "CPU", "Memory"],
                rows: recommendation.steps.sorted { $0.key < $1.key }.map { name, settings in
                    [
                        "\(name)", "\(settings.jobs.map(String.init) ?? "–")",
                        "\(Figures.cores(settings.cpuMillicores))",
                        "\(Figures.memory(settings.memoryBytes))",
                    ]
                }, numeric: [1, 2, 3]
            ).html
    }

    private var footer: HTML {
        let source =
            switch recommendation.source {
            case .model: "a learned model"
            case .history: "earlier runs of this step"
            case .prior: "what is known of other builds, and what the caller stated"
            case .fallback: "nothing: safe defaults"
            }
        return """
            <p class="quiet">It rests on \(source) (<code>\(recommendation.modelVersion)</code>), confidence
            \(Figures.percent(recommendation.confidence))\(recommendation.explored ? "; it tries something else on purpose, to learn" : "").
            Made \(.time(recommendation.createdAt)).</p>
            <h3>How to say no</h3>
            <ul>
            <li>For one command: <code>INFRAMIND_DISABLE=1</code> in its environment; it runs as if InfraMind were not there.</li>
            <li>To go on measuring without following: <code>inframind run --jobs N</code>, or do not use <code>{jobs}</code>.</li>
            <li>To bound what may be recommended: <code>constraints</code> (<code>max_cpu</code>, <code>min_ram_gb</code>,
            <code>oom_risk</code>) in <a href="/docs#optimize">/optimize</a>.</li>
            </ul>
            """
    }
}

extension HTML {
    static func + (a: HTML, b: HTML) -> HTML { HTML(trusted: a.text + b.text) }
}
