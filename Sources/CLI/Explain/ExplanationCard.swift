import Builds
import Contract

/// A recommendation as a page for a person: what, why, at which risk, against what, and how to say no.
struct ExplanationCard {
    let answer: OptimizeAnswer

    init(_ answer: OptimizeAnswer) { self.answer = answer }

    var text: String {
        [headline, prediction, comparison, reasons, guardrails, steps, footer]
            .filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
    }

    private var headline: String {
        """
        \(answer.suggestions.concurrency) jobs, \(cores(answer.limits.cpu)), \(gib(answer.limits.mem_gb))
        \(printable(answer.rationale))
        """
    }

    private var prediction: String {
        var lines: [String] = []
        let predicted = answer.predicted
        if let median = predicted.duration_s?.p50 {
            let slow = predicted.duration_s?.p90.map { ", nine of ten within \(Quantity.duration(seconds: $0))" } ?? ""
            lines.append("  duration   \(Quantity.duration(seconds: median))\(slow)")
        }
        if let median = predicted.peak_memory_gb?.p50 {
            let high = predicted.peak_memory_gb?.limit_quantile.map { ", sized for \(gib($0))" } ?? ""
            lines.append("  memory     \(gib(median)) peak\(high)")
        }
        if let risk = predicted.oom_probability { lines.append("  OOM risk   \(Quantity.percent(risk))") }
        if let cost = predicted.cost_usd { lines.append("  cost       \(dollars(cost))") }
        return lines.isEmpty ? "" : (["Expected"] + lines).joined(separator: "\n")
    }

    private var comparison: String {
        guard let baseline = answer.baseline else { return "" }
        var parts: [String] = []
        if let jobs = baseline.concurrency { parts.append("\(jobs) jobs") }
        if let cpu = baseline.cpu_req { parts.append(cores(cpu)) }
        if let memory = baseline.mem_req_gb { parts.append(gib(memory)) }
        if let seconds = baseline.predicted_duration_s { parts.append(Quantity.duration(seconds: seconds)) }
        if let cost = baseline.cost_usd { parts.append(dollars(cost)) }
        return parts.isEmpty ? "" : "Without InfraMind\n  " + parts.joined(separator: ", ")
    }

    private var reasons: String {
        if answer.reasons.isEmpty { return "" }
        let lines = answer.reasons.map { reason in
            let evidence = reason.evidence.sorted { $0.key < $1.key }.compactMap { key, value -> String? in
                switch value {
                case .number(let number): "\(printable(key)) \(Quantity.decimal(number, places: 4))"
                case .string(let text): "\(printable(key)) \(printable(text))"
                case .bool(let flag): "\(printable(key)) \(flag ? "yes" : "no")"
                case .null, .array, .object: nil
                }
            }
            let suffix = evidence.isEmpty ? "" : "  [\(evidence.joined(separator: ", "))]"
            return "  - \(printable(reason.text))\(suffix)"
        }
        return (["Why"] + lines).joined(separator: "\n")
    }

    private var guardrails: String {
        if answer.guardrails.isEmpty { return "" }
        let lines = answer.guardrails.map { action in
            let verb = action.after > action.before ? "raised" : "lowered"
            let unit =
                switch action.setting {
                case .jobs: "jobs"
                case .cpu: "cores"
                case .memory: "GiB"
                }
            return "  - \(printable(action.name)) \(verb) \(action.setting.rawValue) from "
                + "\(Quantity.decimal(action.before, places: 2)) to "
                + "\(Quantity.decimal(action.after, places: 2)) \(unit)"
        }
        return (["Guardrails that acted"] + lines).joined(separator: "\n")
    }

    private var steps: String {
        if answer.steps.isEmpty { return "" }
        let lines = answer.steps.sorted { $0.key < $1.key }.map { name, step in
            let parts = [
                step.concurrency.map { "\($0) jobs" }, step.cpu.map(cores), step.mem_gb.map(gib),
            ].compactMap(\.self)
            return "  \(printable(name)): \(parts.joined(separator: ", "))"
        }
        return (["Steps"] + lines).joined(separator: "\n")
    }

    private var footer: String {
        let chosen = answer.explored ? "Chosen to learn from it (exploration)." : "Chosen as the best known."
        return """
            \(chosen) Confidence \(Quantity.percent(answer.confidence)); source \(answer.source.rawValue); \
            model \(printable(answer.model_version)); mode \(printable(answer.mode)); \
            id \(printable(answer.recommendation_id)); valid until \(printable(answer.expires_at)).
            To decide yourself: state -j in your command, or run --jobs N, or run --no-optimize.
            """
    }

    private func cores(_ value: Double) -> String {
        "\(Quantity.decimal(value, places: 2)) \(value == 1 ? "core" : "cores")"
    }

    private func gib(_ value: Double) -> String { Quantity.memory(bytes: Units.bytes(gib: value)) }

    private func dollars(_ value: Double) -> String { "$\(Quantity.decimal(value, places: 4))" }
}
