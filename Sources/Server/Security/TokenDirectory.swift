import Builds
import Storage
import Synchronization

/// Says whose a token is: those of the configuration, and those kept in the store.
///
/// What the store said is believed for a few seconds, so that requests do not wait for it; for as long takes a token
/// revoked on another server to end here.
final class TokenDirectory: Sendable {
    private struct Entry {
        /// `nil`: there is no such token.
        var token: StoredToken?
        var askedAt: ContinuousClock.Instant
    }

    /// How long an answer of the store is believed.
    private static let freshness = Duration.seconds(5)
    /// How long it is believed when the store does not answer.
    private static let graceWithoutStore = Duration.seconds(300)
    /// Tokens remembered, unknown ones included. A few hundred bytes each.
    private static let capacity = 10_000

    private let configured: @Sendable () -> AccessTokens
    private let store: any TokenStore
    private let clock: WallClock
    private let entries = Mutex<[[UInt8]: Entry]>([:])

    /// - Parameter configured: asked with every request, for they may be replaced.
    init(configured: @escaping @Sendable () -> AccessTokens, store: any TokenStore, clock: WallClock) {
        self.configured = configured
        self.store = store
        self.clock = clock
    }

    /// `nil` when the token is not known, is over or was revoked.
    ///
    /// - Throws: `StoreError` when that cannot be said now.
    func caller(presenting token: String) async throws -> Caller? {
        if let caller = configured().caller(presenting: token) { return caller }
        guard let secret = TokenSecret(token) else { return nil }
        return try await caller(storedDigest: secret.digest)
    }

    /// Who presents the token with this digest, as ``caller(presenting:)`` says.
    func caller(digest: [UInt8]) async throws -> Caller? {
        if let caller = configured().caller(digest: digest) { return caller }
        return try await caller(storedDigest: digest)
    }

    private func caller(storedDigest digest: [UInt8]) async throws -> Caller? {
        guard let stored = try await self.token(digest: digest), stored.isValid(at: clock.now()) else { return nil }
        return Caller(tenant: stored.tenant, scopes: stored.scopes, actor: stored.id)
    }

    /// Asks the store anew from the next request on.
    func forgetAll() { entries.withLock { $0.removeAll() } }

    /// Looking a digest up takes a time that says nothing about the token: nobody can aim at a digest.
    private func token(digest: [UInt8]) async throws -> StoredToken? {
        let known = entries.withLock { $0[digest] }
        let now = ContinuousClock.now
        if let known, known.askedAt.duration(to: now) < Self.freshness { return known.token }
        do {
            let found = try await store.token(digest: digest)
            entries.withLock { entries in
                if entries.count >= Self.capacity {
                    entries = entries.filter { $0.value.askedAt.duration(to: now) < Self.freshness }
                }
                // Somebody tries thousands of tokens a second: their misses are not worth remembering.
                if entries.count >= Self.capacity { entries.removeAll() }
                entries[digest] = Entry(token: found, askedAt: now)
            }
            return found
        } catch {
            if let known, known.askedAt.duration(to: now) < Self.graceWithoutStore { return known.token }
            throw error
        }
    }
}
