import Synchronization

/// Adds up what several threads have done.
final class ProgressSum: Sendable {
    private let sum = Mutex(0.0)
    private let report: @Sendable (Double) -> Void

    init(report: @escaping @Sendable (Double) -> Void) { self.report = report }

    func add(_ share: Double) {
        report(
            sum.withLock { sum in
                sum += share
                return min(sum, 1)
            })
    }
}
