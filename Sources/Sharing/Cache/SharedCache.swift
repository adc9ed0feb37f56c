/// Answers that were computed once and may be asked for again, on any server.
///
/// A cache may forget anything at any time. What it returns is never wrong all the same, because ``CacheKey`` names the
/// state of learning that the answer follows from: after a change, another key is asked for, and the old answer is left
/// to expire.
public protocol SharedCache<Failure>: Sendable {
    /// `Never` where nothing can go wrong: what a server holds.
    associatedtype Failure: Error

    /// The value under `key`; `nil` when there is none, or when it expired.
    func value(for key: CacheKey) async throws(Failure) -> [UInt8]?

    /// Keeps `value` under `key` for at most `seconds`, in place of what was there.
    ///
    /// - Parameters:
    ///   - value: at most ``CacheKey/largestValueBytes``; a larger one is not kept.
    ///   - seconds: 0.001 to 86,400; what lies outside counts as the nearer bound.
    func keep(_ value: [UInt8], for key: CacheKey, seconds: Double) async throws(Failure)

    /// Forgets the value under `key`, if there is one.
    func remove(_ key: CacheKey) async throws(Failure)
}
