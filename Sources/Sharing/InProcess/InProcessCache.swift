import Synchronization

/// A cache in this process's memory, for a server that is alone or cut off.
final class InProcessCache: SharedCache {
    private struct Kept: Sendable {
        var value: [UInt8]
        var expiry: ContinuousClock.Instant
    }

    private let entries: Mutex<RecentEntries<CacheKey, Kept>>
    private let now: MonotonicTime

    /// - Parameter capacityBytes: keys, values and bookkeeping. 64 MiB hold some ten thousand recommendations.
    init(capacityBytes: Int = 64 << 20, now: @escaping MonotonicTime = { .now }) {
        entries = Mutex(RecentEntries(capacity: capacityBytes))
        self.now = now
    }

    /// Bytes an entry takes besides its texts: two array headers, a place in the table, the numbers.
    private static let entryBytes = 200

    func value(for key: CacheKey) -> [UInt8]? {
        let now = now()
        return entries.withLock { entries in
            guard let kept = entries.value(for: key) else { return nil }
            guard now < kept.expiry else {
                entries.remove(key)
                return nil
            }
            return kept.value
        }
    }

    func keep(_ value: [UInt8], for key: CacheKey, seconds: Double) {
        guard value.count <= CacheKey.largestValueBytes else { return remove(key) }
        let expiry = now() + .milliseconds(CacheLifetime.milliseconds(seconds))
        let weight = value.count + key.tenant.utf8.count + key.question.utf8.count + Self.entryBytes
        entries.withLock { $0.set(Kept(value: value, expiry: expiry), for: key, weight: weight) }
    }

    func remove(_ key: CacheKey) { entries.withLock { $0.remove(key) } }
}
