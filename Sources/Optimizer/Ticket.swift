import Builds

/// What a recommendation was made of, kept until the run's outcome is known.
///
/// Learning compares an outcome with the prediction of *then*, not with what would be predicted now. A ticket holds all
/// that this needs, so a history of outcomes with their tickets rebuilds the state, whatever has changed since.
public struct Ticket: Hashable, Codable, Sendable {
    /// What was sized. Without step when the pipeline was not known yet.
    public internal(set) var step: StepIdentity
    /// How the settings were chosen.
    public let mode: DecisionMode
    /// Probability of the choice, in (0, 1].
    public let propensity: Double
    /// The learned model that took part, or the name of the closed form.
    public let modelVersion: String

    let configuration: ConfigurationKey
    let conditions: BuildConditions
    let jobs: Double
    let cores: Double
    let memoryGiB: Double
    let memory: MemoryTicket
    /// What would run without us, if the caller said so.
    let declared: DeclaredSettings?
    let objective: ObjectiveRates
}

/// How settings were chosen.
public enum DecisionMode: String, Hashable, Codable, Sendable, CaseIterable {
    /// No run of this step was known.
    case cold
    /// The declared baseline, on purpose: one arm of the comparison that savings are measured by.
    case control
    /// Jobs and CPU as declared, for durations are unknown; memory from history.
    case memoryOnly = "memory_only"
    /// The best candidate.
    case exploit
    /// Another candidate of the safe set, to learn.
    case explore
    /// Not a recommendation: the run was observed without one.
    case observed
}

/// Settings in force without InfraMind, as far as the caller stated them; what is missing is filled in.
struct DeclaredSettings: Hashable, Codable, Sendable {
    var jobs: Double
    var cores: Double
    /// `nil` when not stated.
    var memoryGiB: Double?

    var candidate: Candidate { Candidate(jobs: jobs, cores: cores) }

    /// Jobs and cores of a build that declares nothing.
    static let undeclared = Candidate(jobs: 4, cores: 4)

    /// `context.baseline`, else `context.last_success`; `concurrency` in the context stands in for missing jobs. Missing
    /// jobs follow the cores and the other way round. `nil` when nothing is stated.
    init?(context: BuildContext) {
        let stated = context.baseline ?? context.lastSuccess
        let jobs = (stated?.jobs.map(Double.init) ?? context.extra["concurrency"]?.numberValue)?.ifPositive
        let cores = stated?.cpuMillicores.map(Units.cores(millicores:))?.ifPositive
        memoryGiB = stated?.memoryBytes.map(Units.gib(bytes:))?.ifPositive?.clamped(to: SettingsRange.memoryGiB)
        guard jobs != nil || cores != nil || memoryGiB != nil else { return nil }
        self.jobs = (jobs ?? cores ?? Self.undeclared.jobs).rounded().clamped(to: SettingsRange.jobs)
        self.cores = (cores ?? jobs ?? Self.undeclared.cores).clamped(to: SettingsRange.cores)
    }
}

/// Settings that any step may have. Also the last guardrail.
enum SettingsRange {
    /// `make` and `ninja` gain nothing beyond.
    static let jobs = 1.0...512.0
    /// A quarter of a core still makes progress; the largest machines one can rent end at about two thousand.
    static let cores = 0.25...2048.0
    /// 64 MiB start a shell and a compiler driver; 4 TiB is the largest machine a CI is likely to see.
    static let memoryGiB = 0.0625...4096.0
}
