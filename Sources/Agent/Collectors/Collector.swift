import Telemetry

/// Reads one subject and writes its metrics.
///
/// A collector reads files of the kernel and makes system calls, and nothing else: no external command, no privilege.
/// It reads everything before it writes anything, so that a failure leaves no half of a family on the page.
protocol Collector: Sendable {
    /// One word, as in `--collectors`.
    var name: String { get }

    /// Adds the metrics to the page, or throws why there are none.
    func collect(into page: inout PrometheusText) throws(CollectorFailure)
}

/// Why a collector had nothing to show: one sentence, with the remedy where there is one.
struct CollectorFailure: Error, Hashable, Sendable {
    var reason: String
}

/// All collectors there are.
enum Collectors {
    /// In the order of the page.
    static func all(_ roots: KernelRoots) -> [any Collector] {
        [
            CPUCollector(roots: roots), MemoryCollector(roots: roots), LoadCollector(roots: roots),
            PressureCollector(roots: roots), SelfCollector(roots: roots),
        ]
    }

    static let names = all(KernelRoots()).map(\.name)
}
