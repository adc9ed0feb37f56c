/// The shared cache, and this process's own while that is away.
///
/// An outage begins with an empty cache and leaves nothing wrong behind: keys name the state of learning.
struct CacheWithFallback<Shared: SharedCache>: SharedCache {
    let shared: Shared
    let own: InProcessCache

    func value(for key: CacheKey) async -> [UInt8]? {
        do { return try await shared.value(for: key) } catch { return own.value(for: key) }
    }

    func keep(_ value: [UInt8], for key: CacheKey, seconds: Double) async {
        do {
            try await shared.keep(value, for: key, seconds: seconds)
        } catch {
            own.keep(value, for: key, seconds: seconds)
        }
    }

    func remove(_ key: CacheKey) async {
        own.remove(key)
        // One that could not be removed expires.
        do { try await shared.remove(key) } catch {}
    }
}
