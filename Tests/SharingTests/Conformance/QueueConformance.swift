import Testing

@testable import Sharing

@Suite("A work queue")
struct QueueConformance {
    static let kind: JobKind = "training"

    static func job(_ number: UInt8, key: String? = nil) -> Job { Job(kind, payload: [number], key: key) }

    /// Claims are overdue at once, or never.
    static func limits(isPatient: Bool) -> QueueLimits {
        var limits = QueueLimits()
        limits.patienceSeconds = isPatient ? 3600 : 0.001
        limits.deliveries = 3
        limits.capacity = 5
        return limits
    }

    @Test("Hands jobs out once, oldest first, any bytes in them", arguments: SharingBackend.all)
    func order(_ backend: SharingBackend) async throws {
        let jobs = [Self.job(1), Job(Self.kind, payload: Array(0...255), key: "\r\n"), Job(Self.kind, payload: [])]
        try await backend.withPorts(Self.limits(isPatient: true)) { ports in
            #expect(try await ports.queue.claim(Self.kind, limit: 1) == [])
            for job in jobs { #expect(try await ports.queue.add(job) == .added) }
            let first = try await ports.queue.claim(Self.kind, limit: 2)
            let second = try await ports.queue.claim(Self.kind, limit: 2)
            #expect(first.map(\.job) == Array(jobs[..<2]))
            #expect(second.map(\.job) == [jobs[2]])
            #expect((first + second).allSatisfy { $0.delivery == 1 })
            #expect(try await ports.queue.claim(Self.kind, limit: 2) == [])
        }
    }

    @Test("Counts what waits, what is in hand and what is dead, kind by kind", arguments: SharingBackend.all)
    func figures(_ backend: SharingBackend) async throws {
        try await backend.withPorts(Self.limits(isPatient: true)) { ports in
            #expect(try await ports.queue.figures(of: Self.kind) == QueueFigures())
            for number: UInt8 in 1...3 { _ = try await ports.queue.add(Self.job(number)) }
            #expect(try await ports.queue.figures(of: Self.kind) == QueueFigures(waiting: 3))
            let claims = try await ports.queue.claim(Self.kind, limit: 2)
            #expect(try await ports.queue.figures(of: Self.kind) == QueueFigures(waiting: 1, claimed: 2))
            try await ports.queue.acknowledge(claims[0])
            try await ports.queue.acknowledge(claims[0])
            #expect(try await ports.queue.figures(of: Self.kind) == QueueFigures(waiting: 1, claimed: 1))
            #expect(try await ports.queue.figures(of: "import") == QueueFigures())
            #expect(try await ports.queue.claim("import", limit: 9) == [])
        }
    }

    @Test("A job is not added while one with its key waits; once that is claimed, it is", arguments: SharingBackend.all)
    func deduplication(_ backend: SharingBackend) async throws {
        try await backend.withPorts(Self.limits(isPatient: true)) { ports in
            #expect(try await ports.queue.add(Self.job(1, key: "acme")) == .added)
            #expect(try await ports.queue.add(Self.job(2, key: "acme")) == .alreadyWaiting)
            #expect(try await ports.queue.add(Self.job(3, key: "")) == .added)
            #expect(try await ports.queue.add(Self.job(4, key: "")) == .alreadyWaiting)
            #expect(try await ports.queue.add(Self.job(5)) == .added)
            #expect(try await ports.queue.add(Job("import", payload: [], key: "acme")) == .added)
            let claims = try await ports.queue.claim(Self.kind, limit: 1)
            #expect(claims.map(\.job) == [Self.job(1, key: "acme")])
            #expect(try await ports.queue.add(Self.job(6, key: "acme")) == .added)
            #expect(try await ports.queue.add(Self.job(7, key: "acme")) == .alreadyWaiting)
            try await ports.queue.acknowledge(claims[0])
            #expect(try await ports.queue.add(Self.job(8, key: "acme")) == .alreadyWaiting)
        }
    }

    @Test("Refuses what is too much or too large, and loses nothing for it", arguments: SharingBackend.all)
    func bounds(_ backend: SharingBackend) async throws {
        let limits = Self.limits(isPatient: true)
        try await backend.withPorts(limits) { ports in
            let large = Job(Self.kind, payload: [UInt8](repeating: 0, count: limits.largestPayloadBytes + 1))
            #expect(try await ports.queue.add(large) == .tooLarge)
            for number: UInt8 in 1...5 {
                #expect(try await ports.queue.add(Self.job(number, key: "\(number)")) == .added)
            }
            #expect(try await ports.queue.add(Self.job(6, key: "6")) == .full)
            #expect(try await ports.queue.add(Self.job(5, key: "5")) == .alreadyWaiting)
            let claims = try await ports.queue.claim(Self.kind, limit: 1)
            #expect(try await ports.queue.add(Self.job(6, key: "6")) == .full)
            try await ports.queue.acknowledge(claims[0])
            #expect(try await ports.queue.add(Self.job(6, key: "6")) == .added)
            let left = try await ports.queue.claim(Self.kind, limit: 100)
            #expect(left.map(\.job.payload) == [[2], [3], [4], [5], [6]])
        }
    }

    @Test("A job nobody acknowledged is delivered again, and given up in the end", arguments: SharingBackend.all)
    func deadLetters(_ backend: SharingBackend) async throws {
        let poison = Self.job(1, key: "poison")
        try await backend.withPorts(Self.limits(isPatient: false)) { ports in
            _ = try await ports.queue.add(poison)
            for delivery in 1...3 {
                var claims: [ClaimedJob] = []
                try await eventually("delivery \(delivery)") {
                    claims = try await ports.queue.claim(Self.kind, limit: 1)
                    return !claims.isEmpty
                }
                #expect(claims.map(\.job) == [poison])
                #expect(claims.map(\.delivery) == [delivery])
            }
            try await eventually("it is given up") {
                #expect(try await ports.queue.claim(Self.kind, limit: 1) == [])
                return try await ports.queue.figures(of: Self.kind) == QueueFigures(dead: 1)
            }
            #expect(try await ports.queue.deadJobs(of: Self.kind, limit: 10) == [poison])
            #expect(try await ports.queue.add(poison) == .added)
        }
    }

    @Test("Only the latest claim is renewed; any claim acknowledges", arguments: SharingBackend.all)
    func renewal(_ backend: SharingBackend) async throws {
        try await backend.withPorts(Self.limits(isPatient: false)) { ports in
            _ = try await ports.queue.add(Self.job(1))
            let first = try #require(try await ports.queue.claim(Self.kind, limit: 1).first)
            #expect(try await ports.queue.renew(first))
            var second: ClaimedJob?
            try await eventually("it is delivered again") {
                second = try await ports.queue.claim(Self.kind, limit: 1).first
                return second != nil
            }
            #expect(try await !ports.queue.renew(first))
            #expect(try await ports.queue.renew(try #require(second)))
            try await ports.queue.acknowledge(first)
            #expect(try await !ports.queue.renew(try #require(second)))
            #expect(try await ports.queue.figures(of: Self.kind) == QueueFigures())
        }
    }

    @Test("Of many claimants each job has one", arguments: SharingBackend.all)
    func concurrency(_ backend: SharingBackend) async throws {
        var limits = Self.limits(isPatient: true)
        limits.capacity = 100
        try await backend.withPorts(limits) { ports in
            for number: UInt8 in 1...100 { _ = try await ports.queue.add(Self.job(number)) }
            let claimed = try await withThrowingTaskGroup(of: [UInt8].self) { group in
                for _ in 1...40 {
                    group.addTask { try await ports.queue.claim(Self.kind, limit: 3).flatMap(\.job.payload) }
                }
                return try await group.reduce([], +)
            }
            #expect(claimed.sorted() == Array(1...100))
        }
    }
}
