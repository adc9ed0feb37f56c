/// How one build tool is told how many jobs to run at once.
///
/// One file a tool. A tool is told through its environment, because that reaches it from inside any script; arguments
/// are added only where a tool reads no variable.
protocol BuildTool: Sendable {
    /// As the optimizer knows it: the `tool` of a context.
    var name: String { get }

    /// Base names of the executables that are this tool.
    var executables: [String] { get }

    /// The option by which a user says a number of jobs.
    var jobsOption: JobsOption { get }

    /// True when the variables may change programs other than this tool, so that they are set only for the tool itself.
    var isScopedToItself: Bool { get }

    /// Jobs the tool runs when nobody says anything; `nil` when that is not known.
    func defaultJobs(cores: Int) -> Int?

    /// Variables that make the tool run `jobs` jobs.
    ///
    /// - Parameters:
    ///   - existing: the environment as it is. What a user stated there stays, unless `overrides`.
    ///   - overrides: the user asked for `jobs` explicitly.
    func variables(jobs: Int, existing: [String: String], overrides: Bool) -> [String: String]

    /// Arguments to put right after the executable.
    func arguments(jobs: Int) -> [String]
}

extension BuildTool {
    var isScopedToItself: Bool { false }

    func matches(executable: String) -> Bool { executables.contains(executable) }

    func variables(jobs: Int, existing: [String: String], overrides: Bool) -> [String: String] { [:] }

    func arguments(jobs: Int) -> [String] { [] }

    /// `variable` set to `value`, unless a user already did.
    func assigning(
        _ variable: String, _ value: String, _ existing: [String: String], _ overrides: Bool
    ) -> [String: String] {
        if let stated = existing[variable], !stated.isEmpty, !overrides { return [:] }
        return [variable: value]
    }

    /// `flag` added to a variable that holds a list of options, unless one of its words already says the same thing.
    func appending(
        _ flag: String, to variable: String, unless isStated: (Substring) -> Bool, _ existing: [String: String]
    ) -> [String: String] {
        let value = existing[variable] ?? ""
        if value.split(separator: " ").contains(where: isStated) { return [:] }
        return [variable: value.isEmpty ? flag : "\(value) \(flag)"]
    }
}
