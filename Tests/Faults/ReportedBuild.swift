import Glibc

/// A build the load reports. All it says follows from its number, so the ledger need not keep it.
public struct ReportedBuild: Sendable {
    public let number: Int

    struct Step: Sendable {
        var spanID: String
        var stage: String
        var name: String
        /// Seconds since 1970, both.
        var started: Int
        var stopped: Int
        var cpuSeconds: Double
        var peakRSSBytes: Int
        var ioReadBytes: Int
    }

    /// One request that changes something.
    struct Write: Sendable {
        var path: String
        var body: String
    }

    init(number: Int) { self.number = number }

    /// - Parameter runID: one of ours.
    init?(runID: some StringProtocol) {
        guard let mark = runID.lastIndex(where: { $0 == "-" || $0 == "#" }) else { return nil }
        guard let number = Int(runID[runID.index(after: mark)...]) else { return nil }
        self.number = number
        guard runID == self.runID else { return nil }
    }

    /// Every eighth build arrives in one piece, `POST /runs`.
    var isWhole: Bool { number % 8 == 7 }
    var runID: String { isWhole ? "\(pipeline)#\(number)" : "fault-\(number)" }
    /// For a path.
    var escapedRunID: String { isWhole ? "\(pipeline)%23\(number)" : runID }
    var pipeline: String { "pipeline-\(number % 50)" }
    var branch: String { number % 3 == 0 ? "main" : "change-\(number % 7)" }
    var commit: String { String(UInt64(number) &* 0x9E37_79B9_7F4A_7C15, radix: 16) }
    var image: String { isWhole ? "" : "gcc:\(number % 4 + 10)" }
    var jobs: Int { number % 16 + 1 }
    var isSuccess: Bool { number % 10 != 3 }
    /// A quarter has an exact binary form, so every way of printing it gives the same number.
    var durationSeconds: Double { Double(number % 600 + 60) + 0.25 }
    /// Seconds since 1970, from 2025-10-09 on; they return after 69 days.
    var started: Int { 1_760_000_000 + number % 100_000 * 60 }
    /// Half of the starts leave the time to the server.
    var tellsStart: Bool { isWhole || number % 2 == 0 }

    var steps: [Step] {
        ["compile", "test"].enumerated().map { place, name in
            let wall = number % 50 + 2
            let start = started + 60 * place + 1
            return Step(
                spanID: isWhole ? "\(place)" : "span-\(number)-\(place)", stage: isWhole ? "" : "build", name: name,
                started: start, stopped: start + wall, cpuSeconds: Double(wall) * 2.5,
                peakRSSBytes: 1_073_741_824 + number * 2 + place, ioReadBytes: number * 4096 + place)
        }
    }

    /// In the order in which they must be acknowledged.
    var writes: [Write] {
        if isWhole { return [Write(path: "/runs", body: wholeBody)] }
        let start = Write(
            path: "/builds/start",
            body: """
                {"pipeline":"\(pipeline)","run_id":"\(runID)","branch":"\(branch)","commit":"\(commit)",\
                "image":"\(image)","requested_resources":{"cpu":4,"mem_gb":8,"concurrency":\(jobs)}\
                \(tellsStart ? ",\"started_at\":\"\(Self.rfc3339(started))\"" : "")}
                """)
        let complete = Write(
            path: "/builds/complete",
            body: """
                {"run_id":"\(runID)","status":"\(isSuccess ? "success" : "failed")","duration_s":\(durationSeconds),\
                "artifacts":[{"name":"app","size":\(number)}]}
                """)
        return [start] + steps.flatMap { [event("start", $0), event("stop", $0)] } + [complete]
    }

    private func event(_ name: String, _ step: Step) -> Write {
        let isStop = name == "stop"
        let counters = """
            ,"counters":{"cpu_time_s":\(step.cpuSeconds),"rss_max_bytes":\(step.peakRSSBytes),\
            "io_r_bytes":\(step.ioReadBytes)}
            """
        return Write(
            path: "/builds/step",
            body: """
                {"run_id":"\(runID)","stage":"\(step.stage)","step":"\(step.name)","span_id":"\(step.spanID)",\
                "event":"\(name)","timestamp":"\(Self.rfc3339(isStop ? step.stopped : step.started))"\
                \(isStop ? counters : "")}
                """)
    }

    private var wholeBody: String {
        let steps = steps.map { step in
            """
            {"name":"\(step.name)","start_time":"\(Self.rfc3339(step.started))",\
            "duration_s":\(step.stopped - step.started),"cpu_usage_pct":250,"rss_max_bytes":\(step.peakRSSBytes),\
            "io_r_bytes":\(step.ioReadBytes)}
            """
        }
        return """
            {"pipeline":"\(pipeline)","build_number":\(number),"git_sha":"\(commit)","git_branch":"\(branch)",\
            "start_time":"\(Self.rfc3339(started))","duration_s":\(durationSeconds),\
            "status":"\(isSuccess ? "success" : "failed")","concurrency":\(jobs),"cpu_req":4,"mem_req_gb":8,\
            "steps":[\(steps.joined(separator: ","))]}
            """
    }

    static func rfc3339(_ seconds: Int) -> String {
        var time = time_t(seconds)
        var parts = tm()
        gmtime_r(&time, &parts)
        var text = [CChar](repeating: 0, count: 32)
        let length = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
        return String(decoding: text[..<length].map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)
    }
}
