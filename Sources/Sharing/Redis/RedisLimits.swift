/// How long things may take, and how large they may be.
public struct RedisLimits: Hashable, Sendable {
    /// Seconds to connect to one address. Nobody waits for it: while there is no connection, calls fail at once.
    public var connectSeconds = 0.25
    /// Seconds from a call to its answer, waiting for others included. Redis answers in well under a millisecond; one
    /// that takes this long is of no use to a request that should take a few.
    public var commandSeconds = 0.25
    /// Seconds between two checks of a connection, and so the time an outage goes unnoticed when nobody calls.
    public var beatSeconds = 1.0
    /// Seconds before connecting again, at first and at most; doubles in between.
    public var firstPauseSeconds = 0.05
    public var longestPauseSeconds = 2.0
    /// Calls that may wait. At some ten thousand per second and connection that is a wait of 0.1 s.
    public var waitingCommands = 1000
    /// Bytes of one command. The largest is a job, see ``QueueLimits/largestPayloadBytes``.
    public var largestCommandBytes = 1 << 20
    /// Bytes of one reply. The largest is a hundred claimed jobs.
    public var largestReplyBytes = 32 << 20

    public init() {}
}
