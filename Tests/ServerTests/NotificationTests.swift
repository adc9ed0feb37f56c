import Builds
import Foundation
import Logging
import Notifications
import Scaffolding
import Sharing
import Storage
import Synchronization
import Testing

@testable import Server

/// Events as their receivers see them: a real server, and a receiver that listens on a port of its own.
@Suite("Notifications")
struct NotificationTests {
    /// A time of day that a test moves: Sunday, some minutes after the builds it reports began.
    final class Hands: Sendable {
        private let time = Mutex(Timestamp(rfc3339: "2026-03-01T12:10:00Z") ?? Timestamp(seconds: 0))
        var clock: WallClock { WallClock { self.time.withLock { $0 } } }
        func advance(seconds: Double) { time.withLock { $0 = $0.advanced(bySeconds: seconds) } }
    }

    /// A receiver whose answers a test changes.
    final class Receiver: Sendable {
        private let server: LoopbackServer
        var url: String { server.url + "/services/T000/SECRETPATH" }

        init() throws {
            let answer = CurrentAnswer()
            self.answer = answer
            server = try LoopbackServer { _ in answer.value.withLock { $0 } }
        }

        private final class CurrentAnswer: Sendable {
            let value = Mutex<LoopbackServer.Answer>(.json(200, "ok"))
        }
        private let answer: CurrentAnswer

        func answers(_ new: LoopbackServer.Answer) { answer.value.withLock { $0 = new } }
        func stop() { server.stop() }
        var requests: [LoopbackServer.Request] { server.requests }
        var bodies: [JSONValue] {
            requests.map { (try? JSONDecoder().decode(JSONValue.self, from: Data($0.body.utf8))) ?? .null }
        }
    }

    private func destination(
        _ kind: Destination.Kind, _ receiver: Receiver, name: String = "ops",
        _ change: (inout Destination) -> Void = { _ in }
    ) throws -> Destination {
        var destination = Destination(name: name, kind: kind, address: try DestinationAddress(receiver.url))
        destination.policy.shortestIntervalSeconds = 0
        change(&destination)
        return destination
    }

    private func server(_ destinations: Destination...) -> TestServer {
        var server = TestServer()
        server.configuration.notifications.destinations = destinations
        server.configuration.notifications.sweepInterval = .milliseconds(50)
        // A busy machine takes its time.
        server.configuration.notifications.limits.totalSeconds = 60
        server.configuration.notifications.limits.connectSeconds = 60
        return server
    }

    /// A run of one step that was killed at its limit.
    private func reportKill(_ api: API, _ id: String) async throws {
        try await api.reportRun(
            id, counters: #"{"peak_memory_bytes":8375186227,"oom_kills":1,"exit_code":137,"signal":9}"#,
            status: "oom_killed")
    }

    @Test("An OOM kill arrives in Slack: what it had, what it reached, what the next run gets")
    func slack() async throws {
        let (receiver, hands) = (try Receiver(), Hands())
        defer { receiver.stop() }
        let server = server(try destination(.slack, receiver))
        defer { server.remove() }
        try await server.run(clock: hands.clock) { api async throws in
            try await reportKill(api, "r1")
            #expect(try await happens { receiver.requests.count == 1 })
            let event = try await api.get("/events").json["events"][0]
            #expect(event["kind"] == "oom_kill" && event["had_gb"] == 8 && event["next_gb"] == 12)
            #expect(event["text"] == "OOM killed at 7.8 of 8 GiB in step compile; the next run gets at least 12 GiB.")
        }
        // What was told is not told again by the next server.
        try await server.run(clock: hands.clock) { api async throws in
            let state = try await api.get("/notifications").json["destinations"][0]
            #expect(state["pending"] == 0)
        }
        #expect(receiver.requests.count == 1)
        let blocks = receiver.bodies[0]["blocks"]
        #expect(blocks[0]["text"]["text"] == "Out of memory: shop/cart › build › compile")
        #expect(blocks[1]["text"]["text"] == "OOM killed at 7.8 of 8 GiB; the next run gets at least 12 GiB.")
        #expect(blocks[1]["fields"][2]["text"] == "Next run: 12 GiB")
    }

    @Test("A kill in a run that hangs is told while it hangs, and once")
    func hangingRun() async throws {
        let (receiver, hands) = (try Receiver(), Hands())
        defer { receiver.stop() }
        let server = server(try destination(.slack, receiver))
        defer { server.remove() }
        try await server.run(clock: hands.clock) { api async throws in
            _ = try await api.post("/builds/start", BuildReports.start("r1"))
            _ = try await api.post("/builds/step", BuildReports.step("r1", event: "start"))
            let counters = #"{"peak_memory_bytes":8375186227,"oom_kills":1}"#
            let stopped = try await api.post(
                "/builds/step", BuildReports.step("r1", event: "stop", at: "2026-03-01T12:05:10Z", counters: counters))
            #expect(stopped.status == 200)
            #expect(try await happens { receiver.requests.count == 1 })
            _ = try await api.post("/builds/complete", BuildReports.complete("r1", status: "oom_killed"))
            // The kill of another run shows that what learning said of the first was looked at.
            hands.advance(seconds: 3600)
            try await reportKill(api, "r2")
            #expect(try await happens { receiver.requests.count == 2 })
        }
        let texts = receiver.bodies.map { $0["blocks"][2]["elements"][0]["text"].stringValue ?? "" }
        #expect(texts[0].contains("run r1") && texts[1].contains("run r2"))
        #expect(receiver.bodies.allSatisfy { !($0["text"].stringValue ?? "").contains("times") })
    }

    @Test("An anomaly arrives as a CloudEvent, signed, and as an alert of its own")
    func anomaly() async throws {
        let (hook, alerts, hands) = (try Receiver(), try Receiver(), Hands())
        defer {
            hook.stop()
            alerts.stop()
        }
        let signature = try WebhookSignature(secret: "SIGNINGSECRET-SIGNINGSECRET")
        var server = server(
            try destination(.webhook, hook) { $0.signature = signature },
            try destination(.alertmanager, alerts, name: "pager"))
        server.configuration.notifications.publicURL = "https://inframind.example"
        defer { server.remove() }
        try await server.run(clock: hands.clock) { api async throws in
            for number in 1...20 {
                let peak = number == 20 ? 9_000_000_000 : 1_000_000_000 + (number % 3) * 10_000_000
                _ = try await api.post("/runs", BuildReports.wholeRun(number, pipeline: "a", peakBytes: peak))
            }
            #expect(try await happens { !hook.requests.isEmpty && !alerts.requests.isEmpty })
        }
        let event = try #require(hook.bodies.first { $0["data"]["customData"]["kind"] == "anomaly" })
        #expect(event["type"] == "dev.cdevents.incident.detected.0.3.0" && event["specversion"] == "1.0")
        #expect(event["data"]["customData"]["run_id"] == "a#20")
        #expect(event["data"]["customData"]["text"].stringValue?.hasPrefix("Memory spike: 8.4 GiB where") == true)
        #expect(event["data"]["customData"]["url"] == "https://inframind.example/ui/run?id=a%2320")
        #expect(hook.requests[0].headers["webhook-signature"]?.hasPrefix("v1,") == true)
        let alert = try #require(alerts.bodies.first { $0[0]["labels"]["alertname"] == "InframindAnomaly" })
        #expect(alert[0]["labels"]["pipeline"] == "a" && alert[0]["annotations"]["run_id"] == "a#20")
        #expect(alerts.requests[0].path == "/services/T000/SECRETPATH/api/v2/alerts")
    }

    @Test("A destination gets the events, pipelines and tenants it asked for, and no others")
    func filters() async throws {
        let (receiver, hands) = (try Receiver(), Hands())
        defer { receiver.stop() }
        var server = server(
            try destination(.slack, receiver, name: "other-pipelines") { $0.pipelines = [NamePattern("other/*")] },
            try destination(.slack, receiver, name: "other-events") { $0.events = [.drift, .digest] },
            try destination(.slack, receiver, name: "other-tenants") { $0.tenants = [NamePattern("blue")] },
            try destination(.webhook, receiver, name: "this"))
        server.configuration.tokens = try AccessTokens(["red=red-secret", "blue=blue-secret"])
        defer { server.remove() }
        try await server.run(clock: hands.clock) { api async throws in
            let counters = #"{"oom_kills":1,"peak_memory_bytes":8375186227}"#
            for (path, body) in [
                ("/builds/start", BuildReports.start("r1")),
                ("/builds/step", BuildReports.step("r1", event: "start")),
                ("/builds/step", BuildReports.step("r1", event: "stop", counters: counters)),
                ("/builds/complete", BuildReports.complete("r1", status: "oom_killed")),
            ] {
                let answer = try await api.post(path, body, token: "red-secret")
                #expect(answer.status == 200)
            }
            #expect(try await happens { receiver.requests.count == 1 })
            #expect(receiver.bodies[0]["specversion"] == "1.0")
            // A tenant sees the destinations that are its own.
            func names(_ token: String) async throws -> [String?] {
                let answer = try await api.get("/notifications", token: token).json["destinations"]
                return (0..<answer.count).map { answer[$0]["name"].stringValue }
            }
            #expect(try await names("red-secret") == ["other-pipelines", "other-events", "this"])
            #expect(try await names("blue-secret") == ["other-pipelines", "other-events", "other-tenants", "this"])
            #expect(try await api.get("/notifications", token: "wrong").status == 403)
        }
        #expect(receiver.requests.count == 1)
    }

    @Test("A receiver that is away loses nothing, also when the server restarts meanwhile")
    func restart() async throws {
        let (receiver, hands) = (try Receiver(), Hands())
        defer { receiver.stop() }
        receiver.answers(.json(503, "upgrading"))
        let server = server(try destination(.slack, receiver))
        defer { server.remove() }
        try await server.run(clock: hands.clock) { api async throws in
            try await reportKill(api, "r1")
            #expect(try await happens { receiver.requests.count == 1 })
            #expect(
                try await happens {
                    let state = try await api.get("/notifications").json["destinations"][0]
                    return state["pending"] == 1 && state["last_problem"] == "HTTP 503: upgrading"
                })
            #expect(try await api.get("/healthz").status == 200)
        }
        receiver.answers(.json(200, "ok"))
        hands.advance(seconds: 3)
        try await server.run(clock: hands.clock) { api async throws in
            #expect(try await happens { receiver.requests.count == 2 })
            #expect(
                try await happens {
                    let state = try await api.get("/notifications").json["destinations"][0]
                    return state["pending"] == 0 && state["last_problem"] == .null
                })
        }
        #expect(receiver.bodies[0] == receiver.bodies[1])
    }

    @Test(
        "A message that nobody takes is given up, and the reason is there for people, metrics and logs, without a secret"
    )
    func deadLetter() async throws {
        let (receiver, hands) = (try Receiver(), Hands())
        defer { receiver.stop() }
        receiver.answers(.json(500, "cannot POST /services/T000/SECRETPATH with TOKENSECRET"))
        let log = LogLines()
        var server = server(
            try destination(.slack, receiver) { destination in
                destination.policy.attempts = 2
                destination.token = Secret("TOKENSECRET")
            })
        server.log = log
        defer { server.remove() }
        var seen = try await server.run(clock: hands.clock) { api async throws in
            try await reportKill(api, "r1")
            #expect(try await happens { receiver.requests.count == 1 })
            #expect(
                try await happens {
                    hands.advance(seconds: 1)
                    return try await api.get("/notifications").json["destinations"][0]["dead"].count == 1
                })
            let state = try await api.get("/notifications")
            let dead = state.json["destinations"][0]["dead"][0]
            #expect(dead["reason"] == "HTTP 500: cannot POST … with …" && dead["attempts"] == 2)
            #expect(dead["kind"] == "oom" && dead["step"] == "compile")
            let metrics = try await api.get("/metrics").text
            #expect(metrics.contains(#"inframind_notifications_total{destination="ops",outcome="dead"} 1"#))
            #expect(metrics.contains(#"inframind_notifications_total{destination="ops",outcome="failed"} 1"#))
            #expect(metrics.contains(#"inframind_jobs{kind="notification",state="waiting"}"#))
            return state.text + metrics
        }
        seen += log.text
        #expect(log.text.contains("Notification was given up"))
        for secret in ["SECRETPATH", "TOKENSECRET", receiver.url] { #expect(!seen.contains(secret), "\(seen)") }
    }

    @Test("A receiver that asks to wait gets its time, and then the message")
    func throttled() async throws {
        let (receiver, hands) = (try Receiver(), Hands())
        defer { receiver.stop() }
        receiver.answers(.bytes(Array("HTTP/1.1 429 X\r\nRetry-After: 40\r\nContent-Length: 0\r\n\r\n".utf8)))
        let server = server(try destination(.slack, receiver))
        defer { server.remove() }
        try await server.run(clock: hands.clock) { api async throws in
            try await reportKill(api, "r1")
            #expect(
                try await happens {
                    try await api.get("/notifications").json["destinations"][0]["next_try_at"]
                        == "2026-03-01T12:10:40Z"
                })
            receiver.answers(.json(200, "ok"))
            hands.advance(seconds: 39)
            try await reportKill(api, "r2")
            #expect(
                try await happens {
                    let metrics = try await api.get("/metrics").text
                    return metrics.contains(#"{destination="ops",outcome="deduplicated"} 1"#)
                })
            #expect(receiver.requests.count == 1)
            hands.advance(seconds: 1)
            #expect(try await happens { receiver.requests.count == 2 })
        }
        // Both kills, as one.
        #expect(receiver.bodies[1]["text"].stringValue?.contains("(2 times since 12:") == true)
    }

    @Test("Many kills of a step are one message, and one more with their number when the time is over")
    func deduplicated() async throws {
        let (receiver, hands) = (try Receiver(), Hands())
        defer { receiver.stop() }
        let server = server(try destination(.slack, receiver))
        defer { server.remove() }
        try await server.run(clock: hands.clock) { api async throws in
            try await reportKill(api, "r0")
            #expect(try await happens { receiver.requests.count == 1 })
            for run in 1...5 { try await reportKill(api, "r\(run)") }
            #expect(
                try await happens { try await api.get("/notifications").json["destinations"][0]["held"] == 5 })
            #expect(receiver.requests.count == 1)
            hands.advance(seconds: 1800)
            #expect(try await happens { receiver.requests.count == 2 })
        }
        #expect(receiver.bodies[1]["text"].stringValue?.contains("(5 times since") == true)
    }

    @Test("A receiver that never answers holds up neither builds nor the end of the server")
    func silentReceiver() async throws {
        let (receiver, hands) = (try Receiver(), Hands())
        defer { receiver.stop() }
        receiver.answers(.silence)
        var server = server(try destination(.slack, receiver))
        server.configuration.notifications.limits.totalSeconds = 1
        defer { server.remove() }
        try await server.run(clock: hands.clock) { api async throws in
            try await reportKill(api, "r1")
            #expect(try await happens { receiver.requests.count >= 1 })
            for run in 2...10 { try await api.reportRun("r\(run)") }
            #expect(try await api.get("/readyz").json["status"] == "ready")
        }
    }

    @Test(
        "Of two servers one tells, with and without Redis",
        .enabled(if: PostgreSQLCluster.reasonToSkip == nil && RedisServer.reasonToSkip == nil),
        arguments: [true, false])
    func twoServers(_ hasRedis: Bool) async throws {
        let cluster = try PostgreSQLCluster()
        defer { cluster.stop() }
        let redis = hasRedis ? try RedisServer() : nil
        let (receiver, hands) = (try Receiver(), Hands())
        defer { receiver.stop() }
        var server = server(try destination(.webhook, receiver) { $0.policy.repeatSeconds = 0 })
        server.configuration.database = .postgreSQL(url: cluster.url)
        server.configuration.redis = try redis.map { try RedisAddress($0.url) }
        let (one, two) = (server, server)
        let kills = 12
        try await one.run(clock: hands.clock) { first async throws in
            try await two.run(clock: hands.clock) { second async throws in
                for run in 1...kills {
                    try await reportKill(run % 2 == 0 ? first : second, "r\(run)")
                    _ = try await (run % 2 == 0 ? second : first).get("/history")
                    #expect(try await happens { receiver.requests.count >= run })
                }
                // Both have nothing left.
                for api in [first, second] {
                    #expect(
                        try await happens {
                            try await api.get("/notifications").json["destinations"][0]["pending"] == 0
                        })
                }
            }
        }
        let runs = receiver.bodies.compactMap { $0["data"]["customData"]["run_id"].stringValue }
        #expect(runs.sorted() == (1...kills).map { "r\($0)" }.sorted())
        redis?.kill()
    }

    @Test("The weekly digest comes on Monday morning, once, however often servers restart")
    func digest() async throws {
        let (receiver, hands) = (try Receiver(), Hands())
        defer { receiver.stop() }
        let server = server(try destination(.slack, receiver) { $0.events = [.digest] })
        defer { server.remove() }
        try await server.run(clock: hands.clock) { api async throws in
            for run in 1...3 { try await api.reportRun("r\(run)") }
            // The week begins for a tenant when the server has seen it.
            let store = try await SQLStore.sqlite(path: server.folder + "/test.db")
            #expect(try await happens { try await store.delivery(to: "ops", tenant: .default) != nil })
            try await store.close()
        }
        #expect(receiver.requests.isEmpty)
        hands.advance(seconds: 20 * 3600)
        for _ in 1...3 {
            try await server.run(clock: hands.clock) { api async throws in
                #expect(try await happens { receiver.requests.count == 1 })
                #expect(try await happens { try await api.get("/metrics").text.contains("inframind_leader 1\n") })
                // Something that comes after it, so that a second one would have come.
                _ = try await api.get("/notifications")
            }
        }
        #expect(receiver.requests.count == 1)
        let blocks = receiver.bodies[0]["blocks"]
        #expect(blocks[0]["text"]["text"] == "Weekly digest")
        #expect(blocks[1]["text"]["text"].stringValue?.hasPrefix("3 runs this week, 0 of them out of memory.") == true)
        #expect(blocks[1]["fields"][0]["text"].stringValue?.hasPrefix("shop/cart › build › compile: asks for") == true)
    }

    @Test("A sample can be sent by hand, and says what came of it")
    func sample() async throws {
        let receiver = try Receiver()
        defer { receiver.stop() }
        let environment = [
            "INFRAMIND_NOTIFY_DESTINATIONS": "ops", "INFRAMIND_NOTIFY_OPS_KIND": "slack",
            "INFRAMIND_NOTIFY_OPS_URL": receiver.url,
        ]
        func test(_ more: String...) async -> Int32 {
            await Server.run(arguments: ["notify-test"] + more, environment: environment)
        }
        #expect(await test("--destination", "ops") == 0)
        #expect(await test("--destination", "ops", "--event", "digest") == 0)
        #expect(
            receiver.bodies.map { $0["blocks"][0]["text"]["text"].stringValue ?? "" } == [
                "Out of memory: sample/pipeline › build › link", "Weekly digest",
            ])
        #expect(await test("--destination", "nobody") == 2)
        #expect(await test("--destination", "ops", "--event", "tea") == 2)
        #expect(await test() == 2)
        receiver.answers(.json(404, "no_service"))
        #expect(await test("--destination", "ops") == 1)
    }
}
