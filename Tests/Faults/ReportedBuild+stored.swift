extension ReportedBuild {
    // The places of a run's writes in the order of `writes`, as bits; `POST /runs` is the first alone.
    static let startBit = 0
    static let completionBit = 5
    static func stepBit(_ place: Int) -> Int { 1 + 2 * place }

    /// - Parameter found: bits of the rows that were found.
    /// - Returns: bits of the writes that are there.
    func present(_ found: UInt8) -> UInt8 {
        guard isWhole else { return found }
        return found == 0b11_1111 ? 1 : 0
    }

    /// - Parameter row: run_id, number, pipeline, branch, started_at, content, ….
    func matches(run row: [Substring]) -> Bool {
        guard let content = JSONFields(Array(row[5].utf8)) else { return false }
        return row[2] == pipeline && row[3] == branch && (!tellsStart || row[4] == "\(started)000000")
            && content.text("commit") == commit && content.text("image") == image
            && content.number("requested", "jobs") == Double(jobs)
            && content.number("requested", "cpuMillicores") == 4000
            && content.number("requested", "memoryBytes") == 8_589_934_592
    }

    /// - Parameter row: …, status, duration_seconds, completion.
    func matches(completion row: [Substring]) -> Bool {
        guard let content = JSONFields(Array(row[8].utf8)) else { return false }
        let artifact = content.objects("artifacts").first
        return row[6] == (isSuccess ? "success" : "failure") && Double(row[7]) == durationSeconds
            && (isWhole || artifact?.text("name") == "app" && artifact?.number("sizeBytes") == Double(number))
    }

    /// What the API says of the run; what was not acknowledged may be missing from it.
    ///
    /// - Parameter acknowledged: the writes that must be in it.
    func matches(answer: JSONFields, acknowledged: UInt8) -> Bool {
        guard answer.text("pipeline") == pipeline, answer.text("branch") == branch, answer.text("commit") == commit,
            answer.text("image") == image, !tellsStart || answer.text("started_at") == Self.rfc3339(started),
            answer.number("requested_resources", "concurrency") == Double(jobs)
        else { return false }
        func isDue(_ bit: Int) -> Bool { acknowledged & (isWhole ? 1 : 1 << bit) != 0 }
        if isDue(Self.completionBit) {
            guard answer.text("status") == (isSuccess ? "success" : "failure"),
                answer.number("duration_s") == durationSeconds
            else { return false }
        }
        let told = answer.objects("steps")
        return steps.enumerated().allSatisfy { place, step in
            let same = told.filter { $0.text("span_id") == step.spanID }
            guard isDue(Self.stepBit(place)) else { return same.count <= 1 }
            guard same.count == 1, same[0].text("step") == step.name,
                same[0].text("started_at") == Self.rfc3339(step.started)
            else { return false }
            guard isDue(Self.stepBit(place) + 1) else { return true }
            return same[0].text("stopped_at") == Self.rfc3339(step.stopped)
                && same[0].number("counters", "cpu_time_s") == step.cpuSeconds
                && same[0].number("counters", "rss_max_bytes") == Double(step.peakRSSBytes)
                && same[0].number("counters", "io_r_bytes") == Double(step.ioReadBytes)
        }
    }
}

extension ReportedBuild.Step {
    /// - Parameter row: run_id, span_id, stage, step, started_at, ….
    func matches(_ row: [Substring]) -> Bool {
        row[2] == stage && row[3] == name && row[4] == "\(started)000000"
    }

    /// - Parameter row: …, stopped_at, stop.
    func matches(stop row: [Substring]) -> Bool {
        guard let content = JSONFields(Array(row[6].utf8)) else { return false }
        return row[5] == "\(stopped)000000" && content.number("usage", "cpuSeconds") == cpuSeconds
            && content.number("usage", "peakRSSBytes") == Double(peakRSSBytes)
            && content.number("usage", "ioReadBytes") == Double(ioReadBytes)
    }
}
