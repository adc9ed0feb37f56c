import Telemetry

/// Asks an sccache server so seldom that it can end itself for want of work.
///
/// A server ends after ten minutes without a request (`SCCACHE_IDLE_TIMEOUT`), and a request for statistics is one. So
/// a server whose numbers have not moved since it was last asked is left alone for longer than that.
struct SCCachePatience {
    let port: UInt16
    private let clock: @Sendable () -> Double
    private let request: @Sendable (UInt16) -> SCCacheStatistics?
    private var last: SCCacheStatistics?
    private var nextAt = -Double.infinity

    /// Longer than sccache's own default, 600 s.
    static let idleSeconds = 660.0

    init(
        port: UInt16, clock: @escaping @Sendable () -> Double = monotonicSeconds,
        request: @escaping @Sendable (UInt16) -> SCCacheStatistics? = { try? SCCacheServer(port: $0).statistics() }
    ) {
        self.port = port
        self.clock = clock
        self.request = request
    }

    /// What the server says, or what it said last if it is not to be disturbed; `nil` when it does not answer.
    mutating func ask() -> SCCacheStatistics? {
        let now = clock()
        guard now >= nextAt else { return last }
        let answer = request(port)
        // A server that is not there is not kept from anything by being looked for.
        if answer != nil && answer == last { nextAt = now + Self.idleSeconds }
        last = answer
        return answer
    }
}
