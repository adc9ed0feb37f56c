/// While the tenant has fewer than twenty finished runs, memory is at least what the caller would have asked for: the
/// margins are not calibrated yet.
enum EarlyRequestGuardrail: Guardrail {
    static let name = "early_request"

    /// Finished runs until the margins stand on their own.
    static let runs = 20

    static func apply(to settings: inout ProposedSettings, given facts: GuardrailFacts) {
        guard let request = facts.earlyRequestGiB else { return }
        settings.memoryGiB = max(settings.memoryGiB, request)
    }
}
