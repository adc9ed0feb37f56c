import Builds

extension WholeRunBody: ScannedBody {
    private static let names: [StaticString] = [
        "pipeline", "build_number", "git_sha", "git_branch", "start_time", "end_time", "duration_s", "status", "tool",
        "concurrency", "cpu_req", "mem_req_gb", "steps",
    ]

    /// - Returns: `nil` when only a decoder can say what it is.
    public init?(_ scanner: inout JSONScanner) {
        var pipeline, startTime, status: String?
        var buildNumber: JSONValue?
        var gitSHA, gitBranch, endTime, tool: String?
        var durationSeconds, concurrency, cpuRequested, memoryRequestedGiB: Double?
        var steps: [StepBody]?
        let isRead = scanner.object(Self.names) { scanner, field in
            switch field {
            case 0: scanner.required(&pipeline) { $0.string() }
            case 1:
                scanner.required(&buildNumber) {
                    $0.string().map(JSONValue.string) ?? $0.number().map(JSONValue.number)
                }
            case 2: scanner.optional(&gitSHA) { $0.string() }
            case 3: scanner.optional(&gitBranch) { $0.string() }
            case 4: scanner.required(&startTime) { $0.string() }
            case 5: scanner.optional(&endTime) { $0.string() }
            case 6: scanner.optional(&durationSeconds) { $0.number() }
            case 7: scanner.required(&status) { $0.string() }
            case 8: scanner.optional(&tool) { $0.string() }
            case 9: scanner.optional(&concurrency) { $0.number() }
            case 10: scanner.optional(&cpuRequested) { $0.number() }
            case 11: scanner.optional(&memoryRequestedGiB) { $0.number() }
            default: scanner.optional(&steps) { StepBody.list(&$0) }
            }
        }
        guard isRead, let pipeline, let buildNumber, let startTime, let status else { return nil }
        self.init(
            pipeline: pipeline, buildNumber: buildNumber, gitSHA: gitSHA, gitBranch: gitBranch, startTime: startTime,
            endTime: endTime, durationSeconds: durationSeconds, status: status, tool: tool, concurrency: concurrency,
            cpuRequested: cpuRequested, memoryRequestedGiB: memoryRequestedGiB, steps: steps)
    }
}

extension WholeRunBody.StepBody {
    private static let names: [StaticString] = [
        "name", "start_time", "end_time", "duration_s", "cpu_usage_pct", "rss_max_bytes", "io_r_bytes", "io_w_bytes",
        "exit_code",
    ]

    fileprivate static func list(_ scanner: inout JSONScanner) -> [Self]? {
        var steps: [Self] = []
        let isRead = scanner.list { scanner in
            guard let step = Self(&scanner) else { return false }
            steps.append(step)
            return true
        }
        return isRead ? steps : nil
    }

    private init?(_ scanner: inout JSONScanner) {
        var name: String?
        var step = Self(name: "")
        let isRead = scanner.object(Self.names) { scanner, field in
            switch field {
            case 0: scanner.required(&name) { $0.string() }
            case 1: scanner.optional(&step.startTime) { $0.string() }
            case 2: scanner.optional(&step.endTime) { $0.string() }
            case 3: scanner.optional(&step.durationSeconds) { $0.number() }
            case 4: scanner.optional(&step.cpuUsagePercent) { $0.number() }
            case 5: scanner.optional(&step.peakRSSBytes) { $0.number() }
            case 6: scanner.optional(&step.ioReadBytes) { $0.number() }
            case 7: scanner.optional(&step.ioWriteBytes) { $0.number() }
            default: scanner.optional(&step.exitCode) { $0.integer() }
            }
        }
        guard isRead, let name else { return nil }
        step.name = name
        self = step
    }
}
