import Glibc

/// The clocks a page is made by; tests bring their own.
struct MetricsClock {
    /// On a clock that never jumps.
    var monotonicNanoseconds: () -> Int64
    var secondsSince1970: @Sendable () -> Double

    static var system: MetricsClock {
        MetricsClock(
            monotonicNanoseconds: {
                var time = timespec()
                clock_gettime(CLOCK_MONOTONIC, &time)
                return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
            },
            secondsSince1970: {
                var time = timespec()
                clock_gettime(CLOCK_REALTIME, &time)
                return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
            })
    }
}
