import Foundation

/// Whether servers share what they should.
public enum SharingState: Hashable, Sendable {
    /// There is nothing to share with: no Redis was named.
    case alone
    /// Redis takes what we say, and answered last in this many seconds.
    case up(latencySeconds: Double)
    /// Redis is away, or takes nothing; each server goes on by itself.
    ///
    /// - Parameter reason: a sentence without secrets.
    case degraded(since: Date, reason: String)

    public var isDegraded: Bool {
        if case .degraded = self { true } else { false }
    }

    /// Before the first connection.
    static var down: SharingState { .degraded(since: Date(), reason: RedisFailure.notConnected.description) }

    /// Degraded when one of two connections is, for as long as the first of them; else as this one is.
    func and(_ other: SharingState) -> SharingState {
        switch (self, other) {
        case (.degraded(let mine, _), .degraded(let its, _)): mine <= its ? self : other
        case (_, .degraded): other
        default: self
        }
    }

    /// Degraded for `failure`; for as long as it was before, if it was.
    func degraded(by failure: RedisFailure) -> SharingState {
        if case .degraded(let since, _) = self { return .degraded(since: since, reason: failure.description) }
        return .degraded(since: Date(), reason: failure.description)
    }
}
