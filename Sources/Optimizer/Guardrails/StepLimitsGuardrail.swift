/// No step gets settings that make no sense anywhere: see ``SettingsRange``.
enum StepLimitsGuardrail: Guardrail {
    static let name = "step_limits"

    static func apply(to settings: inout ProposedSettings, given facts: GuardrailFacts) {
        settings.jobs = settings.jobs.rounded(.down).clamped(to: SettingsRange.jobs)
        settings.cores = settings.cores.clamped(to: SettingsRange.cores)
        settings.memoryGiB = settings.memoryGiB.clamped(to: SettingsRange.memoryGiB)
    }
}
