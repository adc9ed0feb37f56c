/// After an OOM kill, memory is at least 1.5 × the limit the step died at, until a run finishes.
enum OOMFloorGuardrail: Guardrail {
    static let name = "oom_floor"

    static func apply(to settings: inout ProposedSettings, given facts: GuardrailFacts) {
        guard let floor = facts.oomFloorGiB else { return }
        settings.memoryGiB = max(settings.memoryGiB, floor)
    }
}
