import Foundation
import Scaffolding
import Testing

@testable import Sharing

@Suite("A connection to Redis", .needsRedis)
struct RedisClientTests {
    /// Lends `body` a client that has tried to connect.
    static func withClient(
        _ url: String, limits: RedisLimits = .patient, _ body: (RedisClient) async throws -> Void
    ) async throws {
        let address = try RedisAddress(url)
        let client = RedisClient({ address }, keyPrefix: UUID().uuidString, limits: limits)
        await client.start()
        do {
            try await body(client)
        } catch {
            await client.close()
            throw error
        }
        await client.close()
    }

    @Test("Carries any bytes, and every type of reply")
    func replies() async throws {
        try await Self.withClient(RedisServer.shared().url) { (client) async throws in
            let bytes: [UInt8] = Array(0...255) + Array("\r\n".utf8)
            #expect(try await client.send(RedisCommand("ECHO", .binary(bytes))) == .bytes(bytes))
            #expect(try await client.send(RedisCommand("ECHO", "")) == .bytes([]))
            let script = RedisScript(text: "return {1, {'a', redis.status_reply('b')}, false, -7}")
            let list: [RedisReply] = [
                .integer(1), .list([.bytes([97]), .bytes([98])]), .nothing, .integer(-7),
            ]
            #expect(try await client.send(script.command(keys: [], [])) == .list(list))
        }
    }

    @Test("An error is for the call that caused it, and for no other")
    func errors() async throws {
        try await Self.withClient(RedisServer.shared().url) { (client) async throws in
            let wrong = Task { try await client.send(RedisCommand("HGETALL")) }
            let right = Task { try await client.send(RedisCommand("PING")) }
            #expect(try await right.value == .bytes(Array("PONG".utf8)))
            await #expect(throws: RedisFailure.refused("ERR wrong number of arguments for 'hgetall' command")) {
                try await wrong.value
            }
            #expect(!client.health.isDegraded)
        }
    }

    @Test("Calls at the same time get each its own reply")
    func pipelining() async throws {
        try await Self.withClient(RedisServer.shared().url) { (client) async throws in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 1...900 {
                    group.addTask {
                        try await client.send(RedisCommand("ECHO", .integer(number))).text == "\(number)"
                    }
                }
                for try await isRight in group { #expect(isRight) }
            }
            #expect(client.figures == SharingFigures(answered: 900, failed: 0, connections: 1))
        }
    }

    @Test("Uses the database and the password of the URL")
    func introduction() async throws {
        let server = try RedisServer("--requirepass", "s3cret")
        defer { server.kill() }
        try await Self.withClient("redis://:s3cret@127.0.0.1:\(server.port)/3") { (client) async throws in
            let description = try await client.send(RedisCommand("CLIENT", "INFO")).text
            #expect(description?.contains(" db=3 ") == true)
            #expect(description?.contains(" name=inframind ") == true)
        }
    }

    @Test(
        "That was refused says why, but no password",
        arguments: ["redis://", "redis://:s3wrong@", "redis://u:s3wrong@"])
    func refused(_ start: String) async throws {
        let server = try RedisServer("--requirepass", "s3cret")
        defer { server.kill() }
        try await Self.withClient("\(start)127.0.0.1:\(server.port)") { (client) async throws in
            guard case .degraded(_, let reason) = client.health else {
                Issue.record("a client without the password is up")
                return
            }
            #expect(reason.contains("NOAUTH") || reason.contains("WRONGPASS"))
            #expect(!reason.contains("s3"))
            await #expect(throws: RedisFailure.notConnected) { _ = try await client.send(RedisCommand("PING")) }
        }
    }

    @Test("A server that answers PING but takes no writes is no use")
    func readOnly() async throws {
        let server = try RedisServer("--replicaof", "127.0.0.1", "1", "--replica-serve-stale-data", "yes")
        defer { server.kill() }
        try await Self.withClient(server.url) { (client) async throws in
            guard case .degraded(_, let reason) = client.health else {
                Issue.record("a replica counts as up")
                return
            }
            #expect(reason.contains("READONLY"))
        }
    }

    @Test("Commands and replies are bounded")
    func sizes() async throws {
        var limits = RedisLimits.patient
        limits.largestCommandBytes = 1000
        limits.largestReplyBytes = 100_000
        try await Self.withClient(RedisServer.shared().url, limits: limits) { client in
            await #expect(throws: RedisFailure.tooLarge) {
                _ = try await client.send(RedisCommand("ECHO", .binary([UInt8](repeating: 0, count: 1000))))
            }
            let large = RedisScript(text: "return string.rep('x', 90000)").command(keys: [], [])
            let tooLarge = RedisScript(text: "return string.rep('x', 900000)").command(keys: [], [])
            #expect(try await client.send(large).bytes?.count == 90_000)
            await #expect(throws: RedisFailure.tooLarge) { _ = try await client.send(tooLarge) }
            try await eventually("it connects again") { !client.health.isDegraded }
        }
    }

    @Test("The number of calls that wait is bounded")
    func waitingCalls() async throws {
        let server = try RedisServer()
        defer { server.kill() }
        var limits = RedisLimits.patient
        limits.waitingCommands = 10
        // No beat comes in between.
        limits.beatSeconds = 1000
        try await Self.withClient(server.url, limits: limits) { client in
            server.freeze()
            let calls = (1...30).map { _ in Task { try await client.send(RedisCommand("PING")) } }
            // At most ten are on their way, and ten wait.
            try await eventually("the others are refused") { client.figures.failed >= 10 }
            server.thaw()
            var refused: Int64 = 0
            for call in calls {
                switch await call.result {
                case .success: continue
                case .failure(let error): #expect(error as? RedisFailure == .overloaded)
                }
                refused += 1
            }
            #expect(refused >= 10 && refused < 30)
            // Callers are answered before their answers are counted.
            let expected = SharingFigures(answered: 30 - refused, failed: refused, connections: 1)
            try await eventually("all are counted") { client.figures == expected }
        }
    }

    @Test("A server that hangs is noticed in time; then nobody waits for it")
    func hanging() async throws {
        let server = try RedisServer()
        defer { server.kill() }
        var limits = RedisLimits.patient
        limits.commandSeconds = 0.25
        try await Self.withClient(server.url, limits: limits) { (client) async throws in
            server.freeze()
            let clock = ContinuousClock()
            let first = await clock.measure {
                await #expect(throws: RedisFailure.self) { _ = try await client.send(RedisCommand("PING")) }
            }
            #expect(first < .seconds(5))
            #expect(client.health.isDegraded)
            await #expect(throws: RedisFailure.notConnected) { _ = try await client.send(RedisCommand("PING")) }
            server.thaw()
            try await eventually("it is used again") {
                (try? await client.send(RedisCommand("PING"))) != nil
            }
        }
    }

    @Test("Closing fails the calls that wait, and those that come")
    func closing() async throws {
        let address = try RedisAddress(RedisServer.shared().url)
        let client = RedisClient({ address }, keyPrefix: "closing", limits: .patient)
        await client.start()
        await client.close()
        await client.close()
        await #expect(throws: RedisFailure.closed) { _ = try await client.send(RedisCommand("PING")) }
    }
}
