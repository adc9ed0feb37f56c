import Builds

/// What tells two configurations of one step apart, as far as its context says: the part of the memory keys that does
/// not name the step.
struct ConfigurationKey: Hashable, Codable, Sendable {
    var tool: String
    var image: String
    /// A hash of all fields that name a configuration, tool and image included.
    var fields: String
    /// Branches are pooled by class: most feature branches are seen a handful of times only.
    var branch: String

    init(context: BuildContext) {
        tool = context.tool ?? ""
        image = context.image ?? ""
        branch = BranchClass(branch: context.branch).rawValue
        var hasher = FowlerNollVo()
        for part in [tool, image, context.architecture ?? "", context.workerPool ?? ""] { hasher.combine(part) }
        for (name, value) in context.extra.sorted(by: { $0.key < $1.key }) {
            guard let value = Self.configurationValue(value, named: name) else { continue }
            hasher.combine(name)
            hasher.combine(value)
        }
        fields = String(hasher.value, radix: 36)
    }

    /// Ends of names that measure something instead of naming a configuration.
    private static let measuringSuffixes = [
        "_gb", "_gib", "_mb", "_mib", "_kb", "_bytes", "_s", "_ms", "_seconds", "_minutes", "_ratio", "_pct",
        "_percent",
        "_usd", "_at", "_url", "_id", "_sha", "_hash", "_number",
    ]

    /// Names that differ from run to run: a key made of them would never be seen twice.
    private static let perRunNames: Set<String> = [
        "commit", "sha", "revision", "id", "url", "author", "user", "actor", "message", "title", "date", "time",
        "timestamp", "change", "pull_request", "pr", "tag", "version", "build", "run", "attempt", "retry", "seed",
        "host",
        "hostname", "node", "node_cpu", "pod", "job",
    ]

    /// Whole numbers up to this size name a configuration (number of targets, jobs); larger ones measure something.
    private static let largestNamingNumber = 10_000.0

    /// Longer texts are descriptions, not names.
    private static let longestName = 256

    private static func configurationValue(_ value: JSONValue, named name: String) -> String? {
        guard !perRunNames.contains(name), !name.contains("changed"), !measuringSuffixes.contains(where: name.hasSuffix)
        else { return nil }
        switch value {
        case .string(let text): return text.utf8.count <= longestName ? text : nil
        case .bool(let flag): return flag ? "true" : "false"
        case .number(let number):
            guard number.magnitude <= largestNamingNumber, let whole = Int(exactly: number) else { return nil }
            return String(whole)
        case .null, .array, .object: return nil
        }
    }
}
