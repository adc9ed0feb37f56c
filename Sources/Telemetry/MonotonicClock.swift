import Glibc

/// Seconds on the clock that never jumps (`CLOCK_MONOTONIC`), from an arbitrary start.
public func monotonicSeconds() -> Double { seconds(on: CLOCK_MONOTONIC) }

/// Seconds on a clock of the kernel.
func seconds(on clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
