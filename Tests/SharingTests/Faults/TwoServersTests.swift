import Foundation
import Scaffolding
import Testing

@testable import Sharing

@Suite("Two servers", .needsRedis, .timeLimit(.minutes(1)))
struct TwoServersTests {
    static let kind: JobKind = "training"

    @Test("What one caches the other finds")
    func cache() async throws {
        try await ServerPair.with { pair in
            let key = CacheKey(tenant: "acme", version: 1, question: "q")
            await pair.first.cache.keep([1], for: key, seconds: 60)
            #expect(await pair.second.cache.value(for: key) == [1])
            await pair.second.cache.remove(key)
            #expect(await pair.first.cache.value(for: key) == nil)
        }
    }

    @Test("A token has one limit on both")
    func limits() async throws {
        try await ServerPair.with { pair in
            let limit = RateLimit(requests: 10, windowSeconds: 86_400)
            var allowed = 0
            for _ in 1...10 {
                if await pair.first.rateLimiter.admit("t", within: limit).isAllowed { allowed += 1 }
                if await pair.second.rateLimiter.admit("t", within: limit).isAllowed { allowed += 1 }
            }
            #expect(allowed == 10)
        }
    }

    @Test("What one says the other hears, and itself too")
    func notices() async throws {
        try await ServerPair.with { pair in
            let notice = ChangeNotice(tenant: "acme", subject: .lessons, position: 3, publisher: "first")
            let streams = [pair.first.notices.notices(), pair.second.notices.notices()]
            await pair.first.notices.publish(notice)
            for stream in streams {
                for await heard in stream where heard != .mayHaveMissedSome {
                    #expect(heard == .changed(notice))
                    break
                }
            }
        }
    }

    @Test("Each job is done once, by either")
    func jobs() async throws {
        try await ServerPair.with { pair in
            let done = Collected<[UInt8]>()
            let workers = [pair.first, pair.second].flatMap { server in
                (1...3).map { _ in
                    Task {
                        await JobWorker(Self.kind, of: server.queue, idleSeconds: 0.01).run { claim in
                            done.append(claim.job.payload)
                        }
                    }
                }
            }
            let payloads = (0..<200).map { Array("job \($0)".utf8) }
            for (number, payload) in payloads.enumerated() {
                let server = number % 2 == 0 ? pair.first : pair.second
                #expect(await server.queue.add(Job(Self.kind, payload: payload, key: "\(number)")) == .added)
            }
            try await eventually("all jobs are done") {
                await pair.first.queue.figures(of: Self.kind) == QueueFigures()
            }
            for worker in workers { worker.cancel() }
            for worker in workers { await worker.value }
            let sorted = { (payloads: [[UInt8]]) in payloads.sorted { $0.lexicographicallyPrecedes($1) } }
            #expect(sorted(done.all) == sorted(payloads))
        }
    }

    @Test("The job of a worker that died is done by the other server")
    func deadWorker() async throws {
        var queueLimits = QueueLimits()
        queueLimits.patienceSeconds = 0.3
        try await ServerPair.with(queueLimits: queueLimits) { pair in
            _ = await pair.first.queue.add(Job(Self.kind, payload: [7]))
            // Claimed, and never heard of again.
            #expect(await pair.first.queue.claim(Self.kind, limit: 1).map(\.delivery) == [1])
            let deliveries = Collected<Int>()
            let worker = Task {
                await JobWorker(Self.kind, of: pair.second.queue, idleSeconds: 0.01).run { claim in
                    deliveries.append(claim.delivery)
                }
            }
            try await eventually("it is done") { await pair.second.queue.figures(of: Self.kind) == QueueFigures() }
            worker.cancel()
            await worker.value
            #expect(deliveries.all == [2])
        }
    }

    @Test("Work that takes longer than the patience is not given to another")
    func longWork() async throws {
        var queueLimits = QueueLimits()
        queueLimits.patienceSeconds = 5
        try await ServerPair.with(queueLimits: queueLimits) { pair in
            let (queue, limits) = (pair.second.queue, queueLimits)
            _ = await pair.first.queue.add(Job(Self.kind, payload: [7]))
            let worker = Task {
                await JobWorker(Self.kind, of: pair.first.queue, idleSeconds: 0.01).run { _ in
                    // The other server looks for work all the time.
                    let end = ContinuousClock.now + .seconds(limits.patienceSeconds * 1.2)
                    while .now < end {
                        #expect(await queue.claim(Self.kind, limit: 1) == [])
                        try await Task.sleep(for: .milliseconds(20))
                    }
                }
            }
            try await eventually("the job is claimed") {
                await pair.second.queue.figures(of: Self.kind) == QueueFigures(claimed: 1)
            }
            // The job in hand is finished all the same.
            worker.cancel()
            await worker.value
            #expect(await pair.second.queue.figures(of: Self.kind) == QueueFigures())
        }
    }

    @Test("Work that throws comes again, and is given up in the end")
    func poison() async throws {
        var queueLimits = QueueLimits()
        (queueLimits.patienceSeconds, queueLimits.deliveries) = (0.05, 3)
        try await ServerPair.with(queueLimits: queueLimits) { pair in
            let job = Job(Self.kind, payload: [7], key: "k")
            _ = await pair.first.queue.add(job)
            let deliveries = Collected<Int>()
            let worker = Task {
                await JobWorker(Self.kind, of: pair.second.queue, idleSeconds: 0.01).run { claim in
                    deliveries.append(claim.delivery)
                    throw NeverHappened()
                }
            }
            try await eventually("it is given up") {
                await pair.first.queue.figures(of: Self.kind) == QueueFigures(dead: 1)
            }
            worker.cancel()
            await worker.value
            #expect(deliveries.all == [1, 2, 3])
            #expect(await pair.first.queue.deadJobs(of: Self.kind, limit: 10) == [job])
        }
    }
}
