import Builds
import Contract

/// What the command runs with, and who decided it: the user's own words, then `--jobs`, then the recommendation, then
/// nothing at all.
struct SizingPlan: Sendable {
    /// Who decided the number of jobs.
    enum Decider: String, Sendable, Codable {
        /// The command line or the environment already says it.
        case command
        /// `--jobs`.
        case flag
        case recommendation
        /// Nobody: the tool's own default rules.
        case tool
    }

    var jobs: Int?
    var decider: Decider
    /// Recommended CPU and memory.
    var cpuMillicores: Int?
    var memoryBytes: Int64?
    var recommendation: OptimizeAnswer?
    var tool: (any BuildTool)?
    /// Index of the tool's executable in the command line.
    private var toolIndex = 0
    /// Cores here, rounded up; stands in for `{jobs}` when nobody says a number.
    private var cores: Int
    private var capacity: Settings

    /// Modes in which a recommendation is shown and learned from, but not put into effect.
    private static let passiveModes: Set<String> = ["off", "observe"]

    /// - Parameters:
    ///   - arguments: the command.
    ///   - flag: `--jobs`.
    ///   - recommendation: the server's answer, if it came.
    ///   - capacity: CPU and memory that this machine or container has.
    init(arguments: [String], flag: Int?, recommendation: OptimizeAnswer?, capacity: Settings) {
        self.capacity = capacity
        self.recommendation = recommendation
        cores = max(1, ((capacity.cpuMillicores ?? 1000) + 999) / 1000)
        if let found = buildTool(in: arguments) {
            tool = found.tool
            toolIndex = found.index
        }
        let stated = tool?.jobsOption.stated(in: Array(arguments.dropFirst(toolIndex + 1)))
        let applied = recommendation.flatMap { Self.passiveModes.contains($0.mode) ? nil : $0.settings }
        cpuMillicores = applied?.cpuMillicores
        memoryBytes = applied?.memoryBytes
        if let stated {
            decider = .command
            if case .count(let count) = stated { jobs = count }
        } else if let flag {
            decider = .flag
            jobs = flag
        } else if let count = applied?.jobs {
            decider = .recommendation
            jobs = count
        } else {
            decider = .tool
        }
    }

    /// What the user would run without us; the baseline a recommendation is compared with.
    static func baseline(arguments: [String], capacity: Settings) -> Settings {
        var plan = SizingPlan(arguments: arguments, flag: nil, recommendation: nil, capacity: capacity)
        if plan.decider == .tool { plan.jobs = plan.tool?.defaultJobs(cores: plan.cores) }
        return Settings(jobs: plan.jobs, cpuMillicores: capacity.cpuMillicores, memoryBytes: capacity.memoryBytes)
    }

    /// What the command ran with in fact: the jobs, and the CPU and memory it had.
    ///
    /// - Parameter isEnforced: whether the recommended CPU and memory were limits of a cgroup of its own.
    func settingsInForce(isEnforced: Bool) -> Settings {
        Settings(
            jobs: jobs ?? (decider == .tool ? tool?.defaultJobs(cores: cores) : nil),
            cpuMillicores: isEnforced ? cpuMillicores ?? capacity.cpuMillicores : capacity.cpuMillicores,
            memoryBytes: isEnforced ? memoryBytes ?? capacity.memoryBytes : capacity.memoryBytes)
    }

    /// The command with its placeholders filled and the tool's arguments added.
    func commandLine(_ original: WrappedCommandLine) -> WrappedCommandLine {
        var result = filled(original)
        if let tool, let jobs, decider == .flag || decider == .recommendation, !original.asksForJobs {
            result.arguments.insert(contentsOf: tool.arguments(jobs: jobs).map { Array($0.utf8) }, at: toolIndex + 1)
        }
        return result
    }

    /// The command with its placeholders filled: by the plan, else by what the machine has.
    func filled(_ original: WrappedCommandLine) -> WrappedCommandLine {
        original.filled(
            with: Settings(
                jobs: jobs ?? cores, cpuMillicores: cpuMillicores ?? capacity.cpuMillicores,
                memoryBytes: memoryBytes ?? capacity.memoryBytes))
    }

    /// Variables that carry the plan to the command and to whatever it starts.
    func variables(existing: [String: String]) -> [String: String] {
        var result: [String: String] = [:]
        if let jobs, decider == .flag || decider == .recommendation {
            for candidate in allBuildTools where !candidate.isScopedToItself || candidate.name == tool?.name {
                result.merge(candidate.variables(jobs: jobs, existing: existing, overrides: decider == .flag)) { $1 }
            }
        }
        if let jobs { result["IM_CONCURRENCY"] = String(jobs) }
        if let cpuMillicores {
            result["IM_CPU_REQUEST"] = Quantity.decimal(Units.cores(millicores: cpuMillicores), places: 3)
        }
        if let memoryBytes { result["IM_MEM_REQUEST_GB"] = Quantity.decimal(Units.gib(bytes: memoryBytes), places: 3) }
        if let recommendation { result[BuildIdentity.Variable.recommendationID] = recommendation.recommendation_id }
        return result
    }

    /// One sentence for `--verbose`.
    var sentence: String {
        let count = jobs.map { "\($0) jobs" }
        switch decider {
        case .command: return "the command line states its own jobs\(count.map { " (\($0))" } ?? ""); they stay"
        case .flag: return "\(count ?? "jobs"), by --jobs"
        case .recommendation: return "\(count ?? "jobs"), recommended: \(recommendation?.rationale ?? "")"
        case .tool:
            guard let recommendation else { return "no recommendation; the command's own defaults rule" }
            return
                "mode is \(recommendation.mode): \(recommendation.suggestions.concurrency) jobs recommended, nothing set"
        }
    }
}
