import Builds
import Storage
import Testing

extension StoreConformance {
    @Test("What runs used is added up by week, for their pipeline and for all", arguments: StoreBackend.all)
    func usageByWeek(_ backend: StoreBackend) async throws {
        try await backend.withStore { store in
            let first = Week(time(0))
            for (run, pipeline, week) in [
                ("a", "app", first), ("b", "app", first), ("c", "lib", first), ("d", "app", first.advanced(by: 1)),
            ] {
                try await store.keepCompletedRun(run, pipeline: pipeline, tenant: tenant)
                _ = try await store.learned([], usage: sampleUsage(week), from: RunID(run), tenant: tenant)
                // The same run again adds nothing.
                _ = try await store.learned([], usage: sampleUsage(week), from: RunID(run), tenant: tenant)
            }
            let one = sampleUsage().figures
            func weeks(_ pipeline: String?, before week: Week? = nil, limit: Int = 10) async throws -> [UsageWeek] {
                try await store.usageWeeks(of: pipeline, before: week, limit: limit, tenant: tenant)
            }
            #expect(
                try await weeks("app") == [
                    UsageWeek(pipeline: "app", week: first.advanced(by: 1), figures: one),
                    UsageWeek(pipeline: "app", week: first, figures: one + one),
                ])
            #expect(try await weeks(nil).map(\.figures) == [one, one + one + one])
            #expect(try await weeks(nil, limit: 1).map(\.week) == [first.advanced(by: 1)])
            #expect(try await weeks(nil, before: first.advanced(by: 1)).map(\.week) == [first])
            #expect(try await weeks("none") == [])
        }
    }

    @Test("A run that teaches nothing of its use adds to no sum", arguments: StoreBackend.all)
    func noUsage(_ backend: StoreBackend) async throws {
        try await backend.withStore { store in
            try await store.keepCompletedRun("r1", tenant: tenant)
            _ = try await store.learned([], from: RunID("r1"), tenant: tenant)
            #expect(try await store.usageWeeks(of: nil, before: nil, limit: 10, tenant: tenant) == [])
        }
    }

    @Test("Pipelines come by what was unused, page by page, ties included", arguments: StoreBackend.all)
    func pipelinesByUnused(_ backend: StoreBackend) async throws {
        try await backend.withStore { store in
            let week = Week(time(0))
            let unused = ["a": 1.5, "b": 0.25, "c": 1.5, "d": 0, "e": 7.0]
            for (pipeline, dollars) in unused {
                try await store.keepCompletedRun(pipeline, pipeline: pipeline, tenant: tenant)
                _ = try await store.learned(
                    [], usage: sampleUsage(week, unusedUSD: dollars), from: RunID(pipeline), tenant: tenant)
            }
            var found: [String] = []
            var position: UnusedPosition?
            repeat {
                let page = try await store.pipelines(byUnusedIn: week, after: position, limit: 2, tenant: tenant)
                found += page.map(\.pipeline)
                position = page.last.map {
                    UnusedPosition(unusedUSD: $0.figures.unusedUSD, pipeline: $0.pipeline)
                }
            } while position != nil
            #expect(found == ["e", "c", "a", "b", "d"])
            let next = week.advanced(by: 1)
            #expect(try await store.pipelines(byUnusedIn: next, after: nil, limit: 9, tenant: tenant) == [])
        }
    }

    @Test("Pipelines come by name, and say how their newest run ended", arguments: StoreBackend.all)
    func pipelinesByName(_ backend: StoreBackend) async throws {
        try await backend.withStore { store in
            for (run, pipeline) in [("r1", "b/x"), ("r2", "a"), ("r3", "c"), ("r4", "a")] {
                try await store.keepCompletedRun(run, pipeline: pipeline, tenant: tenant)
                _ = try await store.learned([], usage: sampleUsage(), from: RunID(run), tenant: tenant)
            }
            func names(_ from: String?, _ includingFirst: Bool, _ limit: Int = 10) async throws -> [String] {
                try await store.pipelines(from: from, includingFirst: includingFirst, limit: limit, tenant: tenant)
                    .map(\.name)
            }
            #expect(try await names(nil, true) == ["a", "b/x", "c"])
            #expect(try await names(nil, true, 2) == ["a", "b/x"])
            #expect(try await names("b/x", false) == ["c"])
            #expect(try await names("b", true) == ["b/x", "c"])
            #expect(
                try await store.pipeline("a", tenant: tenant)
                    == StoredPipeline(
                        name: "a", runs: 2, oomRuns: 2, lastRunID: RunID("r4"), lastStatus: .success,
                        lastStartedAt: time(0)))
            #expect(try await store.pipeline("none", tenant: tenant) == nil)
        }
    }

    @Test("OOM kills come newest first, of all and of a pipeline", arguments: StoreBackend.all)
    func oomKills(_ backend: StoreBackend) async throws {
        try await backend.withStore { store in
            func lesson(_ span: String, _ pipeline: String, _ status: RunStatus) -> Lesson {
                var lesson = sampleLesson(span)
                lesson.outcome.step.pipeline = pipeline
                lesson.outcome.status = status
                return lesson
            }
            try await store.keepCompletedRun("r1", tenant: tenant)
            let lessons = [
                lesson("1", "app", .oomKilled), lesson("2", "app", .success), lesson("3", "lib", .oomKilled),
                lesson("4", "app", .oomKilled), lesson("5", "app", .failure),
            ]
            _ = try await store.learned(lessons, from: RunID("r1"), tenant: tenant)
            func spans(_ pipeline: String?, before number: Int64? = nil, limit: Int = 10) async throws -> [String] {
                try await store.oomKills(of: pipeline, before: number, limit: limit, tenant: tenant)
                    .map(\.lesson.spanID)
            }
            #expect(try await spans(nil) == ["4", "3", "1"])
            #expect(try await spans("app") == ["4", "1"])
            #expect(try await spans("app", limit: 1) == ["4"])
            #expect(try await spans(nil, before: 4) == ["3", "1"])
        }
    }

    @Test("Recommendations come with the page of runs that followed them", arguments: StoreBackend.all)
    func recommendationsOfRuns(_ backend: StoreBackend) async throws {
        try await backend.withStore { store in
            for id in ["r1", "r2"] { _ = try await store.start(sampleRun(id), tenant: tenant) }
            func found(before number: Int64? = nil) async throws -> [String: Recommendation] {
                try await store.recommendations(ofRunsOf: "app", before: number, limit: 10, tenant: tenant)
            }
            #expect(try await found() == [:])
            try await store.save(sampleRecommendation(), ticket: [], tenant: tenant)
            #expect(try await found() == ["rec-1": sampleRecommendation()])
            #expect(try await found(before: 1) == [:])
        }
    }

    @Test("Events go on where a page ended", arguments: StoreBackend.all)
    func eventPages(_ backend: StoreBackend) async throws {
        try await backend.withStore { store in
            let all = [(3, 0), (3, 1), (7, 0)].map { lesson, place in
                StoredEvent(
                    lessonNumber: Int64(lesson), place: place, runID: RunID("r"), pipeline: "app", content: "odd")
            }
            try await store.save(all, tenant: tenant)
            for subject in [EventSubject.all, .pipeline("app"), .run(RunID("r"))] {
                let rest = try await store.events(
                    of: subject, before: EventPosition(lessonNumber: 3, place: 1), limit: 10, tenant: tenant)
                #expect(rest == [all[0]])
            }
        }
    }

    @Test(
        "A week runs from Monday to Sunday",
        arguments: [
            ("1970-01-01T00:00:00Z", "1969-12-29T00:00:00Z"), ("2026-03-01T23:59:59Z", "2026-02-23T00:00:00Z"),
            ("2026-03-02T00:00:00Z", "2026-03-02T00:00:00Z"),
        ])
    func weeks(_ time: String, _ monday: String) throws {
        let time = try #require(Timestamp(rfc3339: time))
        #expect(Week(time).start.rfc3339 == monday)
        #expect(Week(Week(time).start) == Week(time))
    }
}
