/// Work that servers share: a stream for each kind, and one consumer group in it.
///
/// A job is an entry of the stream until it is acknowledged or given up, so that the length of the stream is what waits
/// and what is in hand. All servers are one consumer: a claim is told from a later one by its number of deliveries, and
/// names of servers that are gone would pile up in the group.
final class RedisQueue: WorkQueue {
    private let client: RedisClient
    private let keyPrefix: String
    let limits: QueueLimits

    init(_ client: RedisClient, keyPrefix: String, limits: QueueLimits = QueueLimits()) {
        self.client = client
        self.keyPrefix = keyPrefix + ":work:"
        self.limits = limits
    }

    func add(_ job: Job) async throws(RedisFailure) -> AddedJob {
        guard job.payload.count <= limits.largestPayloadBytes else { return .tooLarge }
        let reply = try await run(
            RedisQueueScripts.add, job.kind,
            [.integer(limits.capacity), .binary(job.payload), .integer(job.key == nil ? 0 : 1), .text(job.key ?? "")])
        switch reply.text {
        case "added": return .added
        case "waiting": return .alreadyWaiting
        case "full": return .full
        default: throw .unexpectedReply
        }
    }

    func claim(_ kind: JobKind, limit: Int) async throws(RedisFailure) -> [ClaimedJob] {
        let numbers = [QueueLimits.claims(limit), limits.patienceMilliseconds, limits.deliveries, limits.deadCapacity]
        let reply = try await run(RedisQueueScripts.claim, kind, numbers.map(RedisCommand.Argument.integer))
        guard let entries = reply.list else { throw .unexpectedReply }
        var claims: [ClaimedJob] = []
        for entry in entries {
            guard let parts = entry.list, parts.count == 3, let id = parts[0].text, let delivery = parts[1].integer
            else { throw .unexpectedReply }
            let job = try Self.job(kind, parts[2])
            claims.append(ClaimedJob(job: job, delivery: delivery, receipt: .init(place: .redis, id: id)))
        }
        return claims
    }

    func renew(_ claim: ClaimedJob) async throws(RedisFailure) -> Bool {
        try await run(
            RedisQueueScripts.renew, claim.job.kind, [.text(claim.receipt.id), .integer(claim.delivery)]
        ).integer == 1
    }

    func acknowledge(_ claim: ClaimedJob) async throws(RedisFailure) {
        _ = try await run(RedisQueueScripts.acknowledge, claim.job.kind, [.text(claim.receipt.id)])
    }

    func figures(of kind: JobKind) async throws(RedisFailure) -> QueueFigures {
        let reply = try await run(RedisQueueScripts.figures, kind, [])
        guard let numbers = reply.list?.compactMap(\.integer), numbers.count == 3 else { throw .unexpectedReply }
        return QueueFigures(waiting: numbers[0] - numbers[1], claimed: numbers[1], dead: numbers[2])
    }

    func deadJobs(of kind: JobKind, limit: Int) async throws(RedisFailure) -> [Job] {
        let count = RedisCommand.Argument.integer(QueueLimits.deadJobs(limit))
        let newestFirst = RedisCommand("XREVRANGE", .text(keys(kind)[2]), "+", "-", "COUNT", count)
        guard let entries = try await client.send(newestFirst).list else { throw .unexpectedReply }
        var jobs: [Job] = []
        for entry in entries {
            guard let parts = entry.list, parts.count == 2 else { throw .unexpectedReply }
            jobs.append(try Self.job(kind, parts[1]))
        }
        return jobs
    }

    /// Jobs, keys of jobs that wait, dead jobs. The braces keep them together on one node of a Redis cluster.
    private func keys(_ kind: JobKind) -> [String] {
        ["jobs", "keys", "dead"].map { "\(keyPrefix){\(kind.rawValue)}:\($0)" }
    }

    private func run(
        _ script: RedisScript, _ kind: JobKind, _ arguments: [RedisCommand.Argument]
    ) async throws(RedisFailure) -> RedisReply {
        try await client.send(script.command(keys: keys(kind), arguments))
    }

    /// - Parameter fields: `["payload", bytes]`, and `"key", text` when it has one.
    private static func job(_ kind: JobKind, _ fields: RedisReply) throws(RedisFailure) -> Job {
        guard let fields = fields.list, fields.count >= 2, let payload = fields[1].bytes else { throw .unexpectedReply }
        return Job(kind, payload: payload, key: fields.count >= 4 ? fields[3].text : nil)
    }
}
