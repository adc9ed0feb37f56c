/// Memory is at least 1.2 × the largest memory the caller states. This beats every upper bound: a limit below what a
/// build is known to use only kills it.
enum StatedPeakGuardrail: Guardrail {
    static let name = "stated_peak"

    static func apply(to settings: inout ProposedSettings, given facts: GuardrailFacts) {
        guard let floor = facts.statedFloorGiB else { return }
        settings.memoryGiB = max(settings.memoryGiB, floor)
    }
}
