/// Something the issuer publishes: asked for when it is needed, by one at a time, and kept for a while.
///
/// Nothing that is too old is used when the issuer does not answer: without it nobody can sign in anyway.
actor Kept<Value: Sendable> {
    private let pause: Duration
    private let fetch: @Sendable () async throws -> Value
    private var kept: (value: Value, since: ContinuousClock.Instant)?
    private var failed: (error: any Error, at: ContinuousClock.Instant)?
    private var underWay: Task<Value, any Error>?

    /// - Parameter pause: after it failed, its failure is the answer for so long.
    init(pause: Duration, fetch: @escaping @Sendable () async throws -> Value) {
        self.pause = pause
        self.fetch = fetch
    }

    func value(atMost age: Duration) async throws -> Value {
        if let kept, kept.since.duration(to: .now) <= age { return kept.value }
        if let underWay { return try await underWay.value }
        if let failed, failed.at.duration(to: .now) < pause { throw failed.error }
        // A task of its own: it goes on for the others when who asked first goes away.
        let task = Task { try await fetch() }
        underWay = task
        defer { underWay = nil }
        do {
            let value = try await task.value
            kept = (value, .now)
            failed = nil
            return value
        } catch {
            failed = (error, .now)
            throw error
        }
    }
}
