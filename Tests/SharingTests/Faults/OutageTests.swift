import Foundation
import Scaffolding
import Testing

@testable import Sharing

@Suite(
    "An outage of Redis", .needsRedis, .timeLimit(.minutes(1)))
struct OutageTests {
    private static let kind: JobKind = "training"
    private static let key = CacheKey(tenant: "acme", version: 1, question: "q")

    @Test("A server alone is not degraded")
    func alone() async {
        let server = SharedServices()
        await server.start()
        #expect(server.state == .alone && !server.state.isDegraded)
        await server.cache.keep([1], for: Self.key, seconds: 60)
        #expect(await server.cache.value(for: Self.key) == [1])
        await server.close()
    }

    @Test("A server that starts without Redis works, says so, and uses Redis once it is there")
    func startingWithout() async throws {
        let redis = try RedisServer()
        defer { redis.kill() }
        redis.kill()
        let address = try RedisAddress(redis.url)
        let server = SharedServices(redis: { address }, limits: .brief)
        await server.start()
        guard case .degraded(let since, let reason) = server.state else {
            Issue.record("a server without Redis is up")
            return
        }
        #expect(since <= Date())
        #expect(reason.contains("Connection refused"))
        await server.cache.keep([1], for: Self.key, seconds: 60)
        #expect(await server.cache.value(for: Self.key) == [1])
        try redis.restart()
        try await eventually("it is up") { !server.state.isDegraded }
        guard case .up(let latency) = server.state else { return }
        #expect(latency > 0 && latency < 5)
        await server.close()
    }

    @Test("Killed while in use: every call is answered at once, and after a restart Redis is used again")
    func killed() async throws {
        try await ServerPair.with(limits: .brief) { pair in
            let durations = Collected<Duration>()
            let limit = RateLimit(requests: 1_000_000, windowSeconds: 60)
            let users = [pair.first, pair.second].map { server in
                Task {
                    while !Task.isCancelled {
                        let took = await ContinuousClock().measure {
                            await server.cache.keep([1], for: Self.key, seconds: 60)
                            _ = await server.cache.value(for: Self.key)
                            #expect(await server.rateLimiter.admit("t", within: limit).isAllowed)
                        }
                        durations.append(took)
                        try? await Task.sleep(for: .milliseconds(1))
                    }
                }
            }
            for _ in 1...3 {
                pair.redis.kill()
                try await pair.isDegraded()
                let figures = pair.first.figures
                try await eventually("calls are answered meanwhile") {
                    pair.first.figures.map { $0.failed > (figures?.failed ?? 0) + 100 } ?? false
                }
                try pair.redis.restart()
                try await pair.isUp()
            }
            for user in users { user.cancel() }
            for user in users { await user.value }
            // A call ends when its connection does; what takes time is a busy machine.
            #expect(durations.all.max().map { $0 < .seconds(5) } == true)
            #expect(pair.first.figures.map { $0.connections >= 4 } == true)
            await pair.first.cache.keep([2], for: Self.key, seconds: 60)
            #expect(await pair.second.cache.value(for: Self.key) == [2])
        }
    }

    @Test("While Redis is away each server limits by itself")
    func limits() async throws {
        try await ServerPair.with(limits: .brief) { pair in
            pair.redis.kill()
            try await pair.isDegraded()
            let limit = RateLimit(requests: 5, windowSeconds: 86_400)
            for server in [pair.first, pair.second] {
                for _ in 1...5 { #expect(await server.rateLimiter.admit("t", within: limit).isAllowed) }
                #expect(await !server.rateLimiter.admit("t", within: limit).isAllowed)
            }
        }
    }

    @Test("A server hears itself meanwhile, and the others afterwards that there may be more")
    func notices() async throws {
        try await ServerPair.with(limits: .brief) { pair in
            let notice = ChangeNotice(tenant: "acme", subject: .model, position: 3, publisher: "first")
            var own = pair.first.notices.notices().makeAsyncIterator()
            var others = pair.second.notices.notices().makeAsyncIterator()
            #expect(await own.next() == .mayHaveMissedSome)
            #expect(await others.next() == .mayHaveMissedSome)
            pair.redis.kill()
            try await pair.isDegraded()
            await pair.first.notices.publish(notice)
            #expect(await own.next() == .changed(notice))
            try pair.redis.restart()
            #expect(await others.next() == .mayHaveMissedSome)
            try await pair.isUp()
            let next = ChangeNotice(tenant: "acme", subject: .model, position: 4, publisher: "first")
            await pair.first.notices.publish(next)
            var heard = await others.next()
            while heard == .mayHaveMissedSome { heard = await others.next() }
            #expect(heard == .changed(next))
        }
    }

    @Test("A notice that could not be sent is made up for, also when the others noticed nothing")
    func unsentNotice() async throws {
        try await ServerPair.with { pair in
            // The first server's connection alone is cut.
            let address = try RedisAddress(pair.redis.url)
            var limits = RedisLimits.patient
            limits.beatSeconds = 0.05
            let client = RedisClient({ address }, keyPrefix: "inframind", limits: limits)
            let cutOff = RedisNotices(client, { address }, keyPrefix: "inframind", limits: limits)
            var others = pair.second.notices.notices().makeAsyncIterator()
            #expect(await others.next() == .mayHaveMissedSome)
            let notice = ChangeNotice(tenant: "acme", subject: .model, position: 3, publisher: "cut off")
            await #expect(throws: RedisFailure.notConnected) { try await cutOff.publish(notice) }
            await client.start()
            #expect(await others.next() == .mayHaveMissedSome)
            await client.close()
        }
    }

    @Test("Jobs added meanwhile are done by who added them, also when Redis is back")
    func jobs() async throws {
        try await ServerPair.with(limits: .brief) { pair in
            pair.redis.kill()
            try await pair.isDegraded()
            #expect(await pair.first.queue.add(Job(Self.kind, payload: [1], key: "k")) == .added)
            #expect(await pair.first.queue.add(Job(Self.kind, payload: [1], key: "k")) == .alreadyWaiting)
            #expect(await pair.first.queue.figures(of: Self.kind) == QueueFigures(waiting: 1))
            #expect(await pair.second.queue.claim(Self.kind, limit: 1) == [])
            try pair.redis.restart()
            try await pair.isUp()
            #expect(await pair.second.queue.add(Job(Self.kind, payload: [2])) == .added)
            #expect(await pair.first.queue.figures(of: Self.kind) == QueueFigures(waiting: 2))
            let claims = await pair.first.queue.claim(Self.kind, limit: 2)
            #expect(claims.map(\.job.payload) == [[1], [2]])
            for claim in claims {
                #expect(await pair.first.queue.renew(claim))
                await pair.first.queue.acknowledge(claim)
            }
            #expect(await pair.first.queue.figures(of: Self.kind) == QueueFigures())
        }
    }

    @Test("A job in hand when Redis goes is finished, and those lost with it can be added again")
    func jobInHand() async throws {
        try await ServerPair.with(limits: .brief) { pair in
            #expect(await pair.first.queue.add(Job(Self.kind, payload: [1], key: "k")) == .added)
            #expect(await pair.first.queue.add(Job(Self.kind, payload: [2], key: "l")) == .added)
            let claims = await pair.first.queue.claim(Self.kind, limit: 1)
            pair.redis.kill()
            try await pair.isDegraded()
            for claim in claims {
                #expect(await pair.first.queue.renew(claim))
                await pair.first.queue.acknowledge(claim)
            }
            try pair.redis.restart()
            try await pair.isUp()
            // This Redis keeps nothing on disk.
            #expect(await pair.first.queue.figures(of: Self.kind) == QueueFigures())
            #expect(await pair.second.queue.add(Job(Self.kind, payload: [2], key: "l")) == .added)
            #expect(await pair.first.queue.claim(Self.kind, limit: 1).map(\.job.payload) == [[2]])
        }
    }

    @Test("No job is lost, whoever is killed, when Redis keeps its writes")
    func durableJobs() async throws {
        var queueLimits = QueueLimits()
        (queueLimits.patienceSeconds, queueLimits.deliveries) = (0.2, 1000)
        try await ServerPair.with(isDurable: true, limits: .brief, queueLimits: queueLimits) { pair in
            let done = Collected<[UInt8]>()
            let servers = [pair.first, pair.second]
            let workers = servers.map { server in
                Task {
                    await JobWorker(Self.kind, of: server.queue, idleSeconds: 0.01).run { claim in
                        // Every fifth job kills its worker the first time.
                        if claim.job.payload[0] % 5 == 0, claim.delivery == 1 { throw NeverHappened() }
                        done.append(claim.job.payload)
                    }
                }
            }
            for number: UInt8 in 0..<250 {
                if number % 100 == 50 { pair.redis.kill() }
                if number % 100 == 70 { try pair.redis.restart() }
                #expect(await servers[Int(number) % 2].queue.add(Job(Self.kind, payload: [number])) == .added)
            }
            try await pair.isUp()
            try await eventually("nothing is left to do") {
                let figures = [
                    await pair.first.queue.figures(of: Self.kind), await pair.second.queue.figures(of: Self.kind),
                ]
                return figures == [QueueFigures(), QueueFigures()]
            }
            for worker in workers { worker.cancel() }
            for worker in workers { await worker.value }
            #expect(Set(done.all) == Set((0..<250).map { [$0] }))
        }
    }

    @Test("A Redis that hangs is as good as one that is away")
    func hanging() async throws {
        var limits = RedisLimits.brief
        limits.commandSeconds = 0.25
        try await ServerPair.with(limits: limits) { pair in
            pair.redis.freeze()
            await pair.first.cache.keep([1], for: Self.key, seconds: 60)
            #expect(await pair.first.cache.value(for: Self.key) == [1])
            try await pair.isDegraded()
            let took = await ContinuousClock().measure {
                for _ in 1...1000 { _ = await pair.first.cache.value(for: Self.key) }
            }
            #expect(took < .seconds(5))
            pair.redis.thaw()
            try await pair.isUp()
        }
    }
}
