/// What became of the tasks of Gradle builds, from the summary each ends with:
/// `12 actionable tasks: 5 executed, 4 from cache, 3 up-to-date`.
public struct GradleTasks: Hashable, Sendable {
    public var builds: Int64 = 0
    public var executed: Int64 = 0
    public var fromCache: Int64 = 0
    public var upToDate: Int64 = 0

    public init() {}

    /// Reads one line of Gradle's output; `nil` for any other than the summary.
    init?(line: ArraySlice<UInt8>) {
        var line = line
        while line.last == 0x0D || line.last == 0x20 { line = line.dropLast() }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        let head = line[..<colon].fields
        guard head.count == 3, let total = head[0].number, total >= 0, head[1].elementsEqual("actionable".utf8),
            head[2].elementsEqual("tasks".utf8) || head[2].elementsEqual("task".utf8)
        else { return nil }
        builds = 1
        for part in line[(colon + 1)...].split(separator: UInt8(ascii: ",")) {
            let words = part.fields
            guard words.count >= 2, let count = words[0].number, count >= 0 else { return nil }
            switch words.dropFirst().map(\.string).joined(separator: " ") {
            case "executed": executed = count
            case "from cache": fromCache = count
            case "up-to-date": upToDate = count
            default: return nil
            }
        }
    }

    mutating func add(_ other: GradleTasks) {
        builds = saturatingSum(builds, other.builds)
        executed = saturatingSum(executed, other.executed)
        fromCache = saturatingSum(fromCache, other.fromCache)
        upToDate = saturatingSum(upToDate, other.upToDate)
    }
}
