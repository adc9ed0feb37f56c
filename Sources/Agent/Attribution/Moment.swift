import Builds
import Glibc

/// A point in time on each clock that attribution needs, read together.
struct Moment: Hashable, Sendable {
    /// Never jumps and stands still while the machine sleeps; for intervals.
    var monotonicSeconds: Double
    /// Since boot; start times of processes count on it.
    var bootSeconds: Double
    /// The time of day.
    var time: Timestamp

    static func now() -> Moment {
        Moment(
            monotonicSeconds: seconds(CLOCK_MONOTONIC), bootSeconds: seconds(CLOCK_BOOTTIME),
            time: Timestamp(seconds: seconds(CLOCK_REALTIME)))
    }

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
