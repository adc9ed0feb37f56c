import Builds
import Foundation

/// The time of day, as a parameter: tests hand in their own.
struct WallClock: Sendable {
    var now: @Sendable () -> Timestamp

    static let system = WallClock { Timestamp(seconds: Date().timeIntervalSince1970) }
}
