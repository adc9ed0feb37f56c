import Builds

/// `POST /runs`: a whole run that already happened.
public struct WholeRunBody: Codable, Sendable {
    public var pipeline: String
    public var buildNumber: JSONValue
    public var gitSHA: String?
    public var gitBranch: String?
    public var startTime: String
    public var endTime: String?
    public var durationSeconds: Double?
    public var status: String
    public var tool: String?
    public var concurrency: Double?
    public var cpuRequested: Double?
    public var memoryRequestedGiB: Double?
    public var steps: [StepBody]?

    enum CodingKeys: String, CodingKey {
        case pipeline, status, tool, concurrency, steps
        case buildNumber = "build_number"
        case gitSHA = "git_sha"
        case gitBranch = "git_branch"
        case startTime = "start_time"
        case endTime = "end_time"
        case durationSeconds = "duration_s"
        case cpuRequested = "cpu_req"
        case memoryRequestedGiB = "mem_req_gb"
    }

    /// One step of a whole run.
    public struct StepBody: Codable, Sendable {
        public var name: String
        public var startTime: String?
        public var endTime: String?
        public var durationSeconds: Double?
        /// Mean CPU use in percent of one core; 250 is two and a half cores.
        public var cpuUsagePercent: Double?
        public var peakRSSBytes: Double?
        public var ioReadBytes: Double?
        public var ioWriteBytes: Double?
        public var exitCode: Int?

        enum CodingKeys: String, CodingKey {
            case name
            case startTime = "start_time"
            case endTime = "end_time"
            case durationSeconds = "duration_s"
            case cpuUsagePercent = "cpu_usage_pct"
            case peakRSSBytes = "rss_max_bytes"
            case ioReadBytes = "io_r_bytes"
            case ioWriteBytes = "io_w_bytes"
            case exitCode = "exit_code"
        }
    }

    /// The run and its steps. The run's id is `pipeline#build_number`: the same build sent twice is one run.
    ///
    /// - Throws: ``InvalidBody`` naming every field that cannot be accepted.
    public func content(receivedAt now: Timestamp) throws(InvalidBody) -> (run: Run, steps: [Step]) {
        var check = BodyCheck()
        check.name(pipeline, "pipeline")
        check.name(gitSHA, "git_sha")
        check.name(gitBranch, "git_branch")
        check.name(tool, "tool")
        let number: String
        switch buildNumber {
        case .string(let text):
            number = text
            check.name(text, "build_number")
        case .number(let value):
            number = Int64(exactly: value).map(String.init) ?? String(value)
            check.count(value, "build_number", in: 0...1e15)
        default:
            number = ""
            check.fail("build_number", "must be a number or a string")
        }
        let runStatus = RunStatus(wire: status)
        if runStatus == nil {
            check.fail("status", "must be one of success, failure, failed, aborted, error, timeout, oom_killed")
        }
        check.count(concurrency, "concurrency", in: Bounds.jobs)
        check.number(cpuRequested, "cpu_req", in: Bounds.cores)
        check.number(memoryRequestedGiB, "mem_req_gb", in: Bounds.gib)
        let started = check.timestamp(startTime, "start_time") ?? now
        if started.seconds(since: now) > Bounds.clockSkewSeconds {
            check.fail("start_time", "lies more than a day in the future")
        }
        let elapsed = elapsedSeconds(
            from: started, to: check.timestamp(endTime, "end_time"), stated: durationSeconds, prefix: "", &check)
        if (steps?.count ?? 0) > Bounds.steps {
            check.fail("steps", "must have at most \(Bounds.steps) entries, has \(steps?.count ?? 0)")
        }
        let id = RunID("\(pipeline)#\(number)")
        var content: [Step] = []
        for (index, step) in (steps ?? []).prefix(Bounds.steps).enumerated() {
            content.append(step.step(index, of: id, runStarted: started, &check))
        }
        try check.finish()
        var context = BuildContext()
        context.tool = tool
        context.branch = gitBranch
        let run = Run(
            id: id, pipeline: pipeline, branch: gitBranch ?? "", commit: gitSHA ?? "", image: "",
            tools: tool.map { [$0] } ?? [],
            requested: Settings(
                jobs: concurrency.map { Int($0) }, cpuMillicores: cpuRequested.map(Units.millicores(cores:)),
                memoryBytes: memoryRequestedGiB.map(Units.bytes(gib:))),
            context: context, startedAt: started,
            completion: RunCompletion(status: runStatus ?? .error, durationSeconds: elapsed))
        return (run, content)
    }
}

extension WholeRunBody.StepBody {
    fileprivate func step(_ index: Int, of id: RunID, runStarted: Timestamp, _ check: inout BodyCheck) -> Step {
        let prefix = "steps[\(index)]."
        check.name(name, prefix + "name")
        check.number(cpuUsagePercent, prefix + "cpu_usage_pct", in: 0...409_600)
        check.number(peakRSSBytes, prefix + "rss_max_bytes", in: Bounds.memoryBytes)
        check.number(ioReadBytes, prefix + "io_r_bytes", in: Bounds.ioBytes)
        check.number(ioWriteBytes, prefix + "io_w_bytes", in: Bounds.ioBytes)
        check.number(exitCode.map(Double.init), prefix + "exit_code", in: -2_147_483_648...2_147_483_647)
        let started = check.timestamp(startTime, prefix + "start_time") ?? runStarted
        let elapsed = elapsedSeconds(
            from: started, to: check.timestamp(endTime, prefix + "end_time"), stated: durationSeconds, prefix: prefix,
            &check)
        var usage = Usage()
        usage.wallSeconds = elapsed
        usage.cpuSeconds = cpuUsagePercent.map { $0 / 100 * elapsed }
        usage.peakRSSBytes = peakRSSBytes.flatMap { Int64(exactly: $0.rounded()) }
        usage.ioReadBytes = ioReadBytes.flatMap { Int64(exactly: $0.rounded()) }
        usage.ioWriteBytes = ioWriteBytes.flatMap { Int64(exactly: $0.rounded()) }
        usage.exitCode = exitCode
        let inBounds = Bounds.seconds.contains(elapsed) ? elapsed : 0
        return Step(
            runID: id, spanID: "\(index)", stage: "", step: name, startedAt: started,
            stop: StepStop(stoppedAt: started.advanced(bySeconds: inBounds), usage: usage))
    }
}

/// The stated duration, else the difference of the times.
private func elapsedSeconds(
    from started: Timestamp, to ended: Timestamp?, stated: Double?, prefix: String, _ check: inout BodyCheck
) -> Double {
    check.number(stated, prefix + "duration_s", in: Bounds.seconds)
    if let ended, ended < started { check.fail(prefix + "end_time", "lies before start_time") }
    if stated == nil && ended == nil { check.fail(prefix + "duration_s", "is missing, and so is end_time") }
    return stated ?? ended.map { $0.seconds(since: started) } ?? 0
}
