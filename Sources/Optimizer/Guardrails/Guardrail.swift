import Builds

/// A hard rule applied after the choice. It may only make settings safer or allowed, never cheaper.
protocol Guardrail: Sendable {
    /// Stable name, as it stands in the answer.
    static var name: String { get }

    /// Changes what breaks the rule. Applying it twice is applying it once.
    static func apply(to settings: inout ProposedSettings, given facts: GuardrailFacts)
}

/// Settings on their way through the guardrails.
struct ProposedSettings: Hashable, Sendable {
    var jobs: Double
    var cores: Double
    var memoryGiB: Double
}

/// What the guardrails go by.
struct GuardrailFacts: Hashable, Sendable {
    var bounds: SettingsBounds
    /// 1.2 × the largest memory the caller states, GiB.
    var statedFloorGiB: Double?
    /// Largest recent peak of runs like this one, GiB.
    var observedPeakGiB: Double?
    /// Where the last OOM kill says the peak must lie above, GiB.
    var oomFloorGiB: Double?
    /// The caller's own request while the tenant has next to no history, GiB.
    var earlyRequestGiB: Double?
}

/// The guardrails, in the order in which they act: first what memory the step needs, then what the caller and the node
/// allow, then what no setting may be. A new one is a file and a line here.
enum Guardrails {
    static let all: [any Guardrail.Type] = [
        ObservedPeakGuardrail.self,
        OOMFloorGuardrail.self,
        EarlyRequestGuardrail.self,
        StatedPeakGuardrail.self,
        ConstraintsGuardrail.self,
        NodeCapacityGuardrail.self,
        CPUForJobsGuardrail.self,
        StepLimitsGuardrail.self,
    ]

    /// Applies all of them.
    ///
    /// - Returns: what changed, in order.
    static func apply(to settings: inout ProposedSettings, given facts: GuardrailFacts) -> [GuardrailAction] {
        var actions: [GuardrailAction] = []
        for guardrail in all {
            let before = settings
            guardrail.apply(to: &settings, given: facts)
            func record(_ setting: GuardrailAction.Setting, _ value: KeyPath<ProposedSettings, Double>) {
                guard before[keyPath: value] != settings[keyPath: value] else { return }
                actions.append(
                    GuardrailAction(
                        name: guardrail.name, setting: setting, before: before[keyPath: value],
                        after: settings[keyPath: value]))
            }
            record(.jobs, \.jobs)
            record(.cpu, \.cores)
            record(.memory, \.memoryGiB)
        }
        return actions
    }
}
