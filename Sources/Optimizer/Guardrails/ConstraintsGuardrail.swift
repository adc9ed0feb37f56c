/// Settings stay within the caller's constraints. Where its bounds contradict each other the upper one holds; only the
/// memory the caller states to need is above both.
enum ConstraintsGuardrail: Guardrail {
    static let name = "constraints"

    static func apply(to settings: inout ProposedSettings, given facts: GuardrailFacts) {
        if let maxJobs = facts.bounds.maxJobs { settings.jobs = min(settings.jobs, maxJobs) }
        if let maxCores = facts.bounds.maxCores { settings.cores = min(settings.cores, maxCores) }
        if let minMemory = facts.bounds.minMemoryGiB { settings.memoryGiB = max(settings.memoryGiB, minMemory) }
        if let maxMemory = facts.bounds.maxMemoryGiB {
            settings.memoryGiB = min(settings.memoryGiB, max(maxMemory, facts.statedFloorGiB ?? 0))
        }
    }
}
