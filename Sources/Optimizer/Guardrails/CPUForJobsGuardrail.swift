/// At most four jobs share a core. CPU is raised as far as it may be; what is then still too much for it, jobs give way.
enum CPUForJobsGuardrail: Guardrail {
    static let name = "cpu_for_jobs"

    static func apply(to settings: inout ProposedSettings, given facts: GuardrailFacts) {
        let wanted = settings.jobs / SettingsBounds.maxJobsPerCore
        if settings.cores < wanted { settings.cores = max(settings.cores, min(wanted, facts.bounds.coresCeiling)) }
        let most = (settings.cores * SettingsBounds.maxJobsPerCore).rounded(.down)
        settings.jobs = max(1, min(settings.jobs, most))
    }
}
