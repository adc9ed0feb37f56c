import Testing

@testable import Storage

@Suite("Query plans")
struct QueryPlanTests {
    static let hotStatements: [(String, String)] =
        [
            ("find a run", RunStatements.find), ("a run exists", RunStatements.exists),
            ("complete a run", RunStatements.complete), ("runs of a pipeline", RunStatements.ofPipeline),
            ("runs to learn from", RunStatements.toLearn), ("learning state", RunStatements.learningState),
            ("mark learned", RunStatements.markLearned),
            ("find a step", StepStatements.find), ("stop a step", StepStatements.stop),
            ("steps of a run", StepStatements.ofRun), ("steps of a pipeline", StepStatements.ofPipeline),
            ("steps to learn from", StepStatements.toLearn), ("observations of a run", ObservationStatements.ofRun),
            ("observations of a pipeline", ObservationStatements.ofPipeline),
            ("observations to learn from", ObservationStatements.toLearn), ("observation", ObservationStatements.find),
            ("find a recommendation", RecommendationStatements.find), ("newest", RecommendationStatements.newest),
            ("newest of a pipeline", RecommendationStatements.newestOfPipeline),
            ("lessons after", LessonStatements.after), ("lessons of a pipeline", LessonStatements.ofPipelineAfter),
            ("events", EventStatements.newest), ("events of a pipeline", EventStatements.newestOfPipeline),
            ("events of a run", EventStatements.newestOfRun), ("an event exists", EventStatements.exists),
            ("events after", EventStatements.after), ("newest event", EventStatements.newestNumber),
            ("a delivery", DeliveryStatements.find), ("replace a delivery", DeliveryStatements.replace),
            ("lessons of a step", LessonStatements.ofStepBefore),
            ("learning position", TenantStatements.learningPosition),
            ("find a model", ModelStatements.find), ("all models", ModelStatements.all),
            ("active model", ModelStatements.active), ("deactivate", ModelStatements.deactivate),
            ("activate", ModelStatements.activate), ("runs to let go of", RetentionStatements.runsAfter),
            ("let go of steps", RetentionStatements.deleteSteps), ("mark before", RetentionStatements.markBefore),
            ("newest mark", RetentionStatements.newestMark),
        ] + batchStatements + usageStatements

    private static let usageStatements = [
        ("add to a week", UsageStatements.add), ("weeks", UsageStatements.weeks),
        ("pipelines by unused", UsageStatements.byUnused), ("more of them", UsageStatements.byUnusedAfter),
        ("pipeline learned", PipelineStatements.learned), ("find a pipeline", PipelineStatements.find),
        ("pipelines from a name", PipelineStatements.from), ("pipelines after a name", PipelineStatements.after),
        ("OOM kills", OOMKillStatements.page), ("OOM kills of a pipeline", OOMKillStatements.pageOfPipeline),
        ("recommendations of runs", RecommendationStatements.ofRuns),
    ]

    private static let batchStatements = [
        ("runs of a batch", BatchStatements.runs), ("steps of its runs", BatchStatements.stepsOfRuns),
        ("steps of a batch", BatchStatements.steps),
    ].compactMap { name, sizes in sizes.first { $0.size == 1 }.map { (name, $0.statement) } }

    /// The plan's lines; values do not matter to it, so every parameter is NULL.
    private func plan(of statement: String, in store: SQLStore) async throws -> [String] {
        let parameters = (1...99).filter { statement.contains("$\($0)") }.count
        let rows = try await store.read {
            try $0.rows("EXPLAIN QUERY PLAN " + statement, Array(repeating: .null, count: parameters))
        }
        return try rows.map { try $0.text(3) }
    }

    @Test("No hot statement scans a table", arguments: hotStatements)
    func searches(_ name: String, _ statement: String) async throws {
        try await withTemporaryFolder { folder in
            let store = try await SQLStore.sqlite(path: folder + "/db.sqlite")
            let plan = try await plan(of: statement, in: store)
            #expect(plan.contains { $0.hasPrefix("SEARCH") && $0.contains("INDEX") }, "\(plan)")
            // These walk a page that is itself bounded by its limit: of runs, of OOM kills.
            let pages: Set = ["SCAN r", "SCAN k", "SCAN (subquery-1)"]
            #expect(!plan.contains { $0.hasPrefix("SCAN") && !pages.contains($0) }, "\(plan)")
            try await store.close()
        }
    }

    @Test(
        "Pages are read in the order of their index, without sorting",
        arguments: [
            (RunStatements.ofPipeline, "runs_by_pipeline"), (RunStatements.toLearn, "runs_to_learn"),
            (RecommendationStatements.newest, "recommendations_by_number"),
            (RecommendationStatements.newestOfPipeline, "recommendations_by_pipeline"),
            (LessonStatements.after, "sqlite_autoindex_lessons_1"),
            (LessonStatements.ofPipelineAfter, "lessons_by_pipeline"),
            (LessonStatements.ofStepBefore, "lessons_by_step"),
            (EventStatements.newest, "sqlite_autoindex_events_1"),
            (EventStatements.newestOfPipeline, "events_by_pipeline"), (EventStatements.newestOfRun, "events_by_run"),
            (EventStatements.after, "events_by_number"),
            (ModelStatements.active, "active_models"),
            (UsageStatements.weeks, "sqlite_autoindex_usage_weeks_1"),
            (UsageStatements.byUnused, "usage_weeks_by_unused"),
            (UsageStatements.byUnusedAfter, "usage_weeks_by_unused"),
            (PipelineStatements.from, "sqlite_autoindex_pipelines_1"),
            (PipelineStatements.after, "sqlite_autoindex_pipelines_1"),
        ])
    func usesIndex(_ statement: String, _ index: String) async throws {
        try await withTemporaryFolder { folder in
            let store = try await SQLStore.sqlite(path: folder + "/db.sqlite")
            let plan = try await plan(of: statement, in: store)
            #expect(plan.contains { $0.contains("USING INDEX \(index) ") }, "\(plan)")
            #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
            try await store.close()
        }
    }

    @Test("A statement's parameters first appear in the order of their numbers", arguments: hotStatements)
    func parameterOrder(_ name: String, _ statement: String) {
        var seen: [Int] = []
        for piece in statement.split(separator: "$", omittingEmptySubsequences: false).dropFirst() {
            if let number = Int(piece.prefix { $0.isNumber }), !seen.contains(number) { seen.append(number) }
        }
        #expect(seen == Array(1..<(seen.count + 1)))
        #expect(!seen.isEmpty)
    }
}
