/// The jobs of one kind: those that wait, those in hand, those given up. A value; whoever has it is alone with it.
struct InProcessLine: Sendable {
    private struct Held: Sendable {
        var job: Job
        var delivery: Int
        /// When it may be given to another.
        var deadline: ContinuousClock.Instant
    }

    private let limits: QueueLimits
    private var waiting: [(number: UInt64, job: Job)] = []
    private var waitingKeys: Set<String> = []
    private var claimed: [UInt64: Held] = [:]
    private(set) var dead: [Job] = []
    private var nextNumber: UInt64 = 0

    init(limits: QueueLimits) { self.limits = limits }

    var figures: QueueFigures { QueueFigures(waiting: waiting.count, claimed: claimed.count, dead: dead.count) }

    mutating func add(_ job: Job) -> AddedJob {
        if let key = job.key, waitingKeys.contains(key) { return .alreadyWaiting }
        guard waiting.count + claimed.count < limits.capacity else { return .full }
        if let key = job.key { waitingKeys.insert(key) }
        nextNumber += 1
        waiting.append((nextNumber, job))
        return .added
    }

    mutating func claim(_ limit: Int, now: ContinuousClock.Instant) -> [ClaimedJob] {
        var found = overdue(limit, now: now)
        let new = waiting.prefix(limit - found.count)
        waiting.removeFirst(new.count)
        for (number, job) in new {
            if let key = job.key { waitingKeys.remove(key) }
            found.append(hand(out: job, number, delivery: 1, now: now))
        }
        return found
    }

    /// Only the latest claim holds the job: each has another number of deliveries.
    mutating func renew(_ claim: ClaimedJob, now: ContinuousClock.Instant) -> Bool {
        guard let number = UInt64(claim.receipt.id), claimed[number]?.delivery == claim.delivery else { return false }
        claimed[number]?.deadline = now + .milliseconds(limits.patienceMilliseconds)
        return true
    }

    mutating func acknowledge(_ claim: ClaimedJob) {
        if let number = UInt64(claim.receipt.id) { claimed[number] = nil }
    }

    /// Takes up to `limit` jobs from workers that died, and gives up on those that killed too many.
    private mutating func overdue(_ limit: Int, now: ContinuousClock.Instant) -> [ClaimedJob] {
        let overdue = claimed.filter { $0.value.deadline <= now }.sorted { $0.key < $1.key }
        var found: [ClaimedJob] = []
        for (number, held) in overdue where found.count < limit {
            guard held.delivery < limits.deliveries else {
                claimed[number] = nil
                dead.append(held.job)
                if dead.count > limits.deadCapacity { dead.removeFirst() }
                continue
            }
            found.append(hand(out: held.job, number, delivery: held.delivery + 1, now: now))
        }
        return found
    }

    private mutating func hand(
        out job: Job, _ number: UInt64, delivery: Int, now: ContinuousClock.Instant
    ) -> ClaimedJob {
        let deadline = now + .milliseconds(limits.patienceMilliseconds)
        claimed[number] = Held(job: job, delivery: delivery, deadline: deadline)
        return ClaimedJob(job: job, delivery: delivery, receipt: .init(place: .inProcess, id: "\(number)"))
    }
}
