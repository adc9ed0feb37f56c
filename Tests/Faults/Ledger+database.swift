extension Ledger {
    /// Compares what was acknowledged with the rows of the database, content and numbers included.
    ///
    /// A write that was not acknowledged may be there or not; where it is, it must be whole and right.
    func compare(with tables: StoredTables, _ verdict: inout Verdict) throws {
        let builds = builds()
        // By number of the build, the writes whose rows were found.
        var found = [UInt8](repeating: 0, count: builds.count)
        func mark(_ build: ReportedBuild, _ bit: Int, _ what: String) {
            if found[build.number] & 1 << bit != 0 { verdict.double("\(what) of \(build.runID)") }
            found[build.number] |= 1 << bit
        }
        func build(_ runID: Substring) -> ReportedBuild? {
            guard let build = ReportedBuild(runID: runID), build.number < builds.count else {
                verdict.alter("a run '\(runID)', which nobody sent")
                return nil
            }
            return build
        }

        try tables.rows(
            """
            SELECT run_id, number, pipeline, branch, started_at, content, status, duration_seconds, completion
            FROM runs WHERE tenant_id = 'default'
            """
        ) { row in
            guard let build = build(row[0]) else { return }
            mark(build, ReportedBuild.startBit, "run")
            if !build.matches(run: row) { verdict.alter("run \(row)") }
            if let number = builds[build.number].number, String(number) != row[1] {
                verdict.alter("run \(build.runID) was acknowledged as number \(number), and is \(row[1])")
            }
            guard !row[6].isEmpty else { return }
            mark(build, ReportedBuild.completionBit, "completion")
            if !build.matches(completion: row) { verdict.alter("completion \(row)") }
        }
        try tables.rows(
            """
            SELECT run_id, span_id, stage, step, started_at, stopped_at, stop
            FROM steps WHERE tenant_id = 'default'
            """
        ) { row in
            guard let build = build(row[0]) else { return }
            guard let place = build.steps.firstIndex(where: { $0.spanID == row[1] }) else {
                return verdict.alter("a step \(row), which nobody sent")
            }
            mark(build, ReportedBuild.stepBit(place), "step \(place)")
            if !build.steps[place].matches(row) { verdict.alter("step \(row)") }
            guard !row[5].isEmpty else { return }
            mark(build, ReportedBuild.stepBit(place) + 1, "stop of step \(place)")
            if !build.steps[place].matches(stop: row) { verdict.alter("stop \(row)") }
        }
        for (build, sent, acknowledged, _) in builds {
            verdict.compared.writes += acknowledged.nonzeroBitCount
            let present = build.present(found[build.number])
            for bit in 0..<8 where acknowledged & ~present & 1 << bit != 0 {
                verdict.lose("write \(bit) of \(build.runID)")
            }
            // A whole run is one transaction: half of it is neither there nor not there.
            if build.isWhole, found[build.number] != 0, present == 0 { verdict.alter("half of run \(build.runID)") }
            if present & ~sent != 0 { verdict.alter("write of \(build.runID) that was not sent yet") }
        }
        try compareNumbers(tables, &verdict)
    }

    /// What a tenant is said to have, the rows there are, different numbers among them, and the greatest: all the same.
    private func compareNumbers(_ tables: StoredTables, _ verdict: inout Verdict) throws {
        for (table, count, number) in [
            ("runs", "run_count", "number"), ("runs", "completion_count", "completion_number"),
            ("steps", "step_count", "number"), ("lessons", "lesson_count", "number"),
        ] {
            let numbers = try tables.numbers(
                """
                SELECT (SELECT \(count) FROM tenants WHERE tenant_id = 'default'), COUNT(\(number)),
                    COUNT(DISTINCT \(number)), COALESCE(MAX(\(number)), 0) FROM \(table) WHERE tenant_id = 'default'
                """)
            if Set(numbers).count > 1 {
                verdict.double(
                    "\(count) \(numbers[0]) with \(numbers[1]) rows, \(numbers[2]) numbers up to \(numbers[3])")
            }
        }
        let twice = try tables.numbers(
            "SELECT COUNT(*) FROM (SELECT 1 FROM lessons GROUP BY tenant_id, run_id, span_id HAVING COUNT(*) > 1) AS l")
        if twice[0] > 0 { verdict.double("\(twice[0]) steps that were learned from more than once") }
    }
}
