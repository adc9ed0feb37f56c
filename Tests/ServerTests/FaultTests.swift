import Builds
import Foundation
import Scaffolding
import Storage
import Testing

@testable import Server

@Suite("When the store fails the server says so, and catches up later")
struct FaultTests {
    private func withFaultyStore(
        timeoutSeconds: Double = 10, _ body: @Sendable (API, FaultyStore) async throws -> Void
    ) async throws {
        var server = TestServer()
        defer { server.remove() }
        server.configuration.limits.timeoutSeconds = timeoutSeconds
        try FileManager.default.createDirectory(atPath: server.folder, withIntermediateDirectories: true)
        let store = FaultyStore(try await SQLStore.sqlite(path: server.folder + "/test.db"))
        try await server.run(store: store) { try await body($0, store) }
    }

    @Test("A store that is away is 503 with Retry-After, and its own words stay here")
    func unavailable() async throws {
        try await withFaultyStore { api, store in
            store.set(.fails(.unavailable("/secret/path is full")), for: .saveRecommendation)
            let answer = try await api.post("/optimize", BuildReports.fieldRequest)
            #expect(answer.status == 503)
            #expect(answer.headers[.retryAfter] != nil)
            #expect(!answer.text.contains("secret"))
        }
    }

    @Test("A store with too much to do says when to come back")
    func overloaded() async throws {
        try await withFaultyStore { api, store in
            store.set(.fails(.overloaded(retryAfterSeconds: 3)), for: .write)
            let answer = try await api.post("/builds/start", BuildReports.start("r1"))
            #expect(answer.status == 503)
            #expect(answer.headers[.retryAfter] == "3")
            store.set(nil, for: .write)
            #expect(try await api.post("/builds/start", BuildReports.start("r1")).status == 200)
        }
    }

    @Test("Readiness is 503 while the store is down; liveness is not")
    func readiness() async throws {
        try await withFaultyStore { api, store in
            #expect(try await api.get("/readyz").status == 200)
            store.set(.fails(.unavailable("gone")), for: .ping)
            let answer = try await api.get("/readyz")
            #expect(answer.status == 503)
            #expect(answer.json["dependencies"]["store"]["status"] == "down")
            #expect(try await api.get("/healthz").status == 200)
        }
    }

    @Test("A store that hangs costs one request its time, not the server")
    func deadline() async throws {
        try await withFaultyStore(timeoutSeconds: 0.2) { api, store in
            store.set(.hangs, for: .write)
            let answer = try await api.post("/builds/start", BuildReports.start("r1"))
            #expect(answer.status == 503)
            #expect(answer.text.contains("longer"))
            #expect(try await api.get("/healthz").status == 200)
        }
    }

    @Test("A run that could not be learned is acknowledged, and learned with the next one, once")
    func learningIsRetried() async throws {
        try await withFaultyStore { api, store in
            try await api.reportRun("r1")
            store.set(.fails(.unavailable("disk full")), for: .learned)
            try await api.reportRun("r2")
            @Sendable func says(_ line: String) async throws -> Bool {
                try await api.get("/metrics").text.contains(line + "\n")
            }
            // The answer may come before all is learned.
            #expect(try await happens { try await says("inframind_learner_tenants_behind 1") })
            #expect(try await !says("inframind_learning_failures_total 0"))

            store.set(nil, for: .learned)
            try await api.reportRun("r3")
            #expect(try await happens { try await says("inframind_outcomes_learned_total 3") })
            #expect(try await happens { try await says("inframind_learner_tenants_behind 0") })
            let lessons = try await store.lessons(after: 0, limit: 10, tenant: .default)
            #expect(lessons.map(\.runID.rawValue) == ["r1", "r2", "r3"])
        }
    }

    @Test("Many runs that complete at once are each learned once")
    func concurrentCompletion() async throws {
        try await withServer { api in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 1...40 {
                    group.addTask { try await api.post("/runs", BuildReports.wholeRun(number)).status }
                }
                for try await status in group { #expect(status == 201) }
            }
            // The last answer may come before the last pass.
            #expect(
                try await happens {
                    try await api.get("/metrics").text.contains("inframind_outcomes_learned_total 40\n")
                })
        }
    }

    @Test("A value that is there beats the end of its time, however often one tries")
    func valueBeforeDeadline() async throws {
        try await withThrowingTaskGroup(of: Int?.self) { group in
            for number in 0..<2000 {
                group.addTask { try await Task<Int, any Error> { number }.value(within: .seconds(60)) }
            }
            var sum = 0
            for try await value in group { sum += try #require(value) }
            #expect(sum == 1999 * 1000)
        }
    }

    @Test("A task that takes too long has no value")
    func noValueAfterDeadline() async throws {
        let task = Task<Int, any Error> {
            try await Task<Never, Never>.sleep(for: .seconds(60))
            return 1
        }
        #expect(try await task.value(within: .milliseconds(1)) == nil)
        task.cancel()
    }
}
