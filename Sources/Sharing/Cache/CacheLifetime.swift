/// How long a cached value may live.
enum CacheLifetime {
    static func milliseconds(_ seconds: Double) -> Int {
        // A comparison with NaN is false, so that it counts as the shortest.
        seconds >= 0.001 ? Int((min(seconds, 86_400) * 1000).rounded()) : 1
    }
}
