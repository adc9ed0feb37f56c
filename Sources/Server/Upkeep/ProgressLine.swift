import Storage
import Synchronization

/// Says now and then how far a copy has come; short ones end before there is anything to say.
final class ProgressLine: Sendable {
    private static let interval = Duration.seconds(2)

    private let tell: @Sendable (String) -> Void
    private let lastTold = Mutex(ContinuousClock.now)

    init(tell: @escaping @Sendable (String) -> Void) { self.tell = tell }

    func show(_ progress: CopyProgress) {
        let isDue = lastTold.withLock { last in
            guard last.duration(to: .now) >= Self.interval else { return false }
            last = .now
            return true
        }
        if isDue { tell("copied \(progress.copied) of \(progress.total) rows (\(progress.table))") }
    }
}
