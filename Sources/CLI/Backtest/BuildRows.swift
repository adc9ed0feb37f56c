import ArgumentParser
import Builds
import FoundationEssentials
import Optimizer

/// Turns rows of cells into builds, as a client would describe them to a server.
struct BuildRows {
    private let mapping: ColumnMapping
    private let rows: [[String]]
    private let position: [String: Int]
    private let numericKeys: Set<String>
    private var skipped: [SkipReason: Int] = [:]
    private var contexts: [[String]: BuildContext] = [:]
    private var groups: [[String]: Int] = [:]

    /// - Parameter rows: cells in the order of the mapping's columns.
    init(mapping: ColumnMapping, rows: [[String]]) {
        self.mapping = mapping
        self.rows = rows
        let position = Dictionary(uniqueKeysWithValues: mapping.columns.enumerated().map { ($1, $0) })
        self.position = position
        // A column of numbers is sent as numbers; one that holds a single word is all words.
        numericKeys = Set(
            mapping.keys.filter { key in
                guard !mapping.textKeys.contains(key), let index = position[key] else { return false }
                return rows.allSatisfy { $0[index].isEmpty || Self.number($0[index]) != nil }
            })
    }

    private static func number(_ text: String) -> Double? {
        Double(text).flatMap { $0.isFinite ? $0 : nil }
    }

    private func cell(_ column: String?, _ row: [String]) -> String? {
        guard let column, let index = position[column], !row[index].isEmpty else { return nil }
        return row[index]
    }

    // MARK: - All rows

    /// The builds in their order; rows that are none are counted.
    mutating func history(origin: String, limit: Int?) throws -> LoadedHistory {
        var builds: [RecordedBuild] = []
        var pipelines: Set<String> = []
        for row in ordered() {
            if let limit, builds.count >= limit { break }
            guard let build = try build(row) else { continue }
            pipelines.insert(build.question.step.pipeline)
            builds.append(build)
        }
        let requests = builds.count { $0.question.requestedGiB != nil }
        return LoadedHistory(
            history: RecordedHistory(
                builds: builds, sizeLevel: mapping.sizeLevel, hasDurations: mapping.duration != nil,
                memoryCapGiB: mapping.capGiB, defaultGiB: mapping.defaultGiB),
            origin: origin, pipelineCount: pipelines.count, skipped: skipped, requestCount: requests)
    }

    /// The rows in the order in which the builds began: by number when all are numbers, else by text.
    private mutating func ordered() -> [[String]] {
        guard let column = mapping.order, let index = position[column] else { return rows }
        var seen: Set<[String]> = []
        var kept: [[String]] = []
        for row in rows {
            if row[index].isEmpty {
                skip(.withoutOrder)
            } else if !seen.insert(row).inserted {
                // Only where the order tells builds apart is a second row like the first the same build.
                skip(.repeated)
            } else {
                kept.append(row)
            }
        }
        let numbers = kept.compactMap { Self.number($0[index]) }
        let order =
            numbers.count == kept.count
            ? kept.indices.sorted { (numbers[$0], $0) < (numbers[$1], $1) }
            : kept.indices.sorted { (kept[$0][index], $0) < (kept[$1][index], $1) }
        return order.map { kept[$0] }
    }

    private mutating func skip(_ reason: SkipReason) { skipped[reason, default: 0] += 1 }

    // MARK: - One row

    private mutating func build(_ row: [String]) throws -> RecordedBuild? {
        guard let pipeline = cell(mapping.pipeline, row) else {
            skip(.withoutPipeline)
            return nil
        }
        guard let peak = cell(mapping.peak, row).flatMap(Self.number), peak > 0 else {
            skip(.withoutPeak)
            return nil
        }
        let peakGiB = peak * mapping.peakUnit.gib
        guard BuildResult.plausiblePeaksGiB.contains(peakGiB) else {
            skip(.absurdPeak)
            return nil
        }
        guard let seconds = wallSeconds(row), !Self.isUnfinished(cell(mapping.status, row)) else {
            skip(.unfinished)
            return nil
        }
        let request = cell(mapping.request, row).flatMap(Self.number).map { $0 * mapping.requestUnit.gib }
        let requested = request.flatMap { BuildResult.plausiblePeaksGiB.contains($0) ? $0 : nil }
        let jobs = cell(mapping.jobs, row).flatMap(Self.number).flatMap { Int(exactly: $0.rounded()) }
        let question = BuildQuestion(
            step: StepIdentity(pipeline: pipeline, stage: Self.stage, step: cell(mapping.step, row) ?? Self.step),
            context: try context(row, pipeline: pipeline, requestedGiB: requested, jobs: jobs),
            requestedGiB: requested, jobs: jobs.flatMap { (1...4096).contains($0) ? $0 : nil }, groups: groups(row))
        return RecordedBuild(question: question, result: BuildResult(peakGiB: peakGiB, wallSeconds: seconds))
    }

    /// Names of what a file that knows no steps records.
    private static let stage = "build"
    private static let step = "build"

    private func wallSeconds(_ row: [String]) -> Double? {
        guard mapping.duration != nil else { return RecordedHistory.unknownWallSeconds }
        return cell(mapping.duration, row).flatMap(Self.number).flatMap {
            BuildResult.plausibleSeconds.contains($0) ? $0 : nil
        }
    }

    /// Results of builds whose peak is not that of a whole build.
    private static let unfinished: Set<String> = [
        "running", "pending", "canceled", "cancelled", "cancellation", "aborted", "interrupted", "timeout", "skipped",
        "oom_killed", "killed",
    ]

    private static func isUnfinished(_ status: String?) -> Bool {
        status.map { unfinished.contains($0.lowercased()) } ?? false
    }

    private mutating func groups(_ row: [String]) -> [Int] {
        mapping.levels.enumerated().map { level, columns in
            let name = [String(level)] + columns.map { cell($0, row) ?? "" }
            if let known = groups[name] { return known }
            groups[name] = groups.count
            return groups.count - 1
        }
    }

    // MARK: - What a client would have said

    private mutating func context(
        _ row: [String], pipeline: String, requestedGiB: Double?, jobs: Int?
    ) throws -> BuildContext {
        let cells = mapping.keys.map { cell($0, row) ?? "" }
        let whole = cells + [pipeline, requestedGiB.map { "\($0)" } ?? "", jobs.map { "\($0)" } ?? ""]
        if let known = contexts[whole] { return known }
        var fields: [String: JSONValue] = ["repo": .string(pipeline)]
        for (key, text) in zip(mapping.keys, cells) where !text.isEmpty {
            fields[key] = numericKeys.contains(key) ? Self.number(text).map(JSONValue.number) : .string(text)
        }
        let image = mapping.image.compactMap { cell($0, row) }
        if !mapping.image.isEmpty { fields["image"] = .string(image.joined(separator: "-")) }
        if let tool = cell(mapping.tool, row) { fields["tool"] = .string(tool) }
        if let branch = cell(mapping.branch, row) ?? mapping.defaultBranch { fields["branch"] = .string(branch) }
        if let requestedGiB { fields["requested_mem_gb"] = .number(requestedGiB) }
        if let jobs { fields["concurrency"] = .number(Double(jobs)) }
        let context = try Self.decoded(fields)
        contexts[whole] = context
        return context
    }

    /// Read as the server reads it, so that a column named like a key of the contract means the same here as there.
    private static func decoded(_ fields: [String: JSONValue]) throws -> BuildContext {
        do {
            return try JSONDecoder().decode(BuildContext.self, from: try JSONEncoder().encode(fields))
        } catch let DecodingError.typeMismatch(_, context), let DecodingError.dataCorrupted(context) {
            let key = context.codingPath.last?.stringValue ?? "a key"
            throw ValidationError(
                "The key column '\(printable(key))' has a meaning of its own, and this file holds something else "
                    + "there. Rename the column or leave it out.")
        }
    }
}
