/// How long a queue waits for a worker, and how much it holds.
public struct QueueLimits: Hashable, Sendable {
    /// Seconds after which a job that was neither acknowledged nor renewed is delivered again: the time an outage of a
    /// worker goes unnoticed. ``JobWorker`` renews three times in that time.
    public var patienceSeconds = 60.0
    /// Deliveries before a job is given up. Whatever kills a worker five times in a row is in the job.
    public var deliveries = 5
    /// Jobs of one kind that may wait or be in hand. Beyond it ``WorkQueue/add(_:)`` refuses; dropping the oldest, as
    /// trimming a stream would, loses work without a word.
    public var capacity = 10_000
    /// Given-up jobs of one kind that are kept, about; the oldest go first.
    public var deadCapacity = 1000
    /// 256 KiB, so that a full queue is at most a few GiB, and usually a few MiB.
    public var largestPayloadBytes = 256 << 10

    public init() {}

    static func claims(_ limit: Int) -> Int { min(max(limit, 1), 100) }
    static func deadJobs(_ limit: Int) -> Int { min(max(limit, 1), 1000) }

    var patienceMilliseconds: Int { max(1, Int(patienceSeconds * 1000)) }
}
