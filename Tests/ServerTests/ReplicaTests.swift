import Builds
import Foundation
import Scaffolding
import Sharing
import Storage
import Testing

@testable import Server

/// What several servers have in common, and what is left when that is away.
@Suite("Servers that share a database")
struct ReplicaTests {
    private static let question =
        #"{"pipeline":"shop/cart","stage":"build","step":"compile","context":{"tool":"cmake","image":"gcc:14","branch":"main"}}"#

    @Test("The same question gets the same recommendation until something new is learned")
    func suggestionCache() async throws {
        try await withServer { api in
            let first = try await api.post("/optimize", Self.question).json
            #expect(try await api.post("/optimize", Self.question).json == first)
            #expect(try await api.get("/metrics").text.contains("inframind_recommendations_from_cache_total 1\n"))
            #expect(try await api.get("/recommendations/\(first["recommendation_id"].stringValue ?? "")").status == 200)
            let other = try await api.post("/optimize", Self.question.replacing("main", with: "topic")).json
            #expect(other["recommendation_id"] != first["recommendation_id"])
            try await api.reportRun("r1")
            let later = try await api.post("/optimize", Self.question).json
            #expect(later["recommendation_id"] != first["recommendation_id"])
            #expect(later["source"] == "history")
        }
    }

    @Test("A tenant never gets what was cached for another")
    func cacheOfTenants() async throws {
        try await withServer {
            $0.tokens = (try? AccessTokens(["red=red-secret", "blue=blue-secret"])) ?? .development
        } _: { api in
            let red = try await api.post("/optimize", Self.question, token: "red-secret").json
            let blue = try await api.post("/optimize", Self.question, token: "blue-secret").json
            #expect(red["recommendation_id"] != blue["recommendation_id"])
        }
    }

    @Test("A token that sends more than it may is told when to come back, and others go on")
    func rateLimit() async throws {
        try await withServer {
            $0.tokens = (try? AccessTokens(["red=red-secret", "blue=blue-secret"])) ?? .development
            $0.requestsPerSecond = 1
        } _: { api in
            var statuses: [Int] = []
            var refusal: API.Answer?
            for _ in 1...25 {
                let answer = try await api.get("/models", token: "red-secret")
                statuses.append(answer.status)
                if answer.status == 429 { refusal = answer }
            }
            // Two windows may meet: never more than twice the limit.
            #expect((10...20).contains(statuses.count { $0 == 200 }))
            let seconds = try #require(refusal?.headers[.retryAfter].flatMap { Int($0) })
            #expect((1...20).contains(seconds))
            #expect(try await api.get("/models", token: "blue-secret").status == 200)
            #expect(try await api.get("/healthz", token: nil).status == 200)
        }
    }

    @Test(
        "One server learns, the other recommends the same, told by Redis or by the database",
        .enabled(if: PostgreSQLCluster.reasonToSkip == nil && RedisServer.reasonToSkip == nil),
        arguments: [true, false])
    func twoServers(_ hasRedis: Bool) async throws {
        let cluster = try PostgreSQLCluster()
        defer { cluster.stop() }
        let redis = hasRedis ? try RedisServer() : nil
        var server = TestServer()
        server.configuration.database = .postgreSQL(url: cluster.url)
        server.configuration.redis = try redis.map { try RedisAddress($0.url) }
        // With Redis the notice must do it: the database is not asked again.
        server.configuration.learnedFreshness = hasRedis ? .seconds(3600) : .milliseconds(250)
        let (one, two) = (server, server)
        try await one.run { first in
            try await two.run { second in
                _ = try await first.post("/optimize", Self.question)
                _ = try await second.post("/optimize", Self.question)
                for run in 1...5 {
                    try await first.reportRun("r\(run)")
                    let expected = try await first.post("/optimize", Self.question).json
                    #expect(
                        try await happens {
                            try await second.post("/optimize", Self.question).json["limits"] == expected["limits"]
                        })
                }
            }
        }
        redis?.kill()
    }

    @Test(
        "Without Redis requests go on, readiness says degraded, and all is well when it is back",
        .enabled(if: RedisServer.reasonToSkip == nil))
    func redisOutage() async throws {
        let redis = try RedisServer()
        var server = TestServer()
        server.configuration.redis = try RedisAddress(redis.url)
        defer { server.remove() }
        try await server.run { api in
            func status() async throws -> JSONValue { try await api.get("/readyz").json["status"] }
            #expect(try await happens { try await status() == "ready" })
            redis.kill()
            for run in 1...10 { try await api.reportRun("r\(run)") }
            #expect(try await api.post("/optimize", Self.question).status == 200)
            #expect(try await happens { try await status() == "degraded" })
            #expect(try await api.get("/readyz").status == 200)
            try redis.restart()
            #expect(try await happens { try await status() == "ready" })
            #expect(try await api.post("/optimize", Self.question).json["source"] == "history")
        }
        redis.kill()
    }

    @Test(
        "One of the servers leads, and the other takes over when it ends",
        .enabled(if: PostgreSQLCluster.reasonToSkip == nil))
    func leadership() async throws {
        let cluster = try PostgreSQLCluster()
        defer { cluster.stop() }
        let first = try await SQLStore.postgreSQL(url: cluster.url)
        let second = try await SQLStore.postgreSQL(url: cluster.url)
        #expect(await first.leadership.isLeader())
        #expect(await second.leadership.isLeader() == false)
        #expect(await first.leadership.isLeader())
        try await first.close()
        #expect(try await happens { await second.leadership.isLeader() })
        try await second.close()
    }

    @Test("A server that drains answers as ever, says so in its readiness, and asks clients to reconnect")
    func drain() async throws {
        let server = TestServer()
        defer { server.remove() }
        let drain = Drain(duration: .zero)
        try await server.run(drain: drain) { api in
            #expect(try await api.get("/healthz").headers[.connection] == nil)
            drain.begin()
            let ready = try await api.get("/readyz")
            #expect(ready.status == 503 && ready.json["status"] == "draining")
            let answer = try await api.post("/optimize", Self.question)
            #expect(answer.status == 200 && answer.headers[.connection] == "close")
        }
    }
}
