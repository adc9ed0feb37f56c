import Glibc
import Synchronization

/// A line on standard error that says how far the work is; only where a terminal is.
final class ProgressLine: Sendable {
    private let shown = Mutex(-1)
    private let isTerminal = isatty(StandardStream.diagnostics.rawValue) == 1

    func show(_ share: Double) {
        guard isTerminal, share.isFinite else { return }
        let percent = Int((100 * min(max(share, 0), 1)).rounded(.down))
        shown.withLock { shown in
            guard percent > shown else { return }
            shown = percent
            write("\rReplaying … \(percent) %", to: .diagnostics)
        }
    }

    func show(_ text: String) {
        if isTerminal { write("\r\u{1B}[K\(text)", to: .diagnostics) }
    }

    /// Wipes the line.
    func end() {
        if isTerminal { write("\r\u{1B}[K", to: .diagnostics) }
    }
}
