import Glibc

/// How much each of the two experts is trusted, by the pinball loss of the limits it would have set.
///
/// The margin expert wins where rows are few or noisy, the maximum expert where tasks are tight.
struct ExpertBlend: Hashable, Codable, Sendable {
    /// Losses of both experts, relative to the expected peak.
    struct Losses: Hashable, Codable, Sendable {
        var margin = 0.0
        var maximum = 0.0

        mutating func move(towards other: Losses, rate: Double) {
            margin += rate * (other.margin - margin)
            maximum += rate * (other.maximum - maximum)
        }
    }

    private struct ClassLosses: Hashable, Codable, Sendable {
        var mean = Losses()
        var count = 0.0
    }

    /// Runs a class's mean loss remembers, and their weight against the global loss below.
    private static let classMemory = 100.0
    private static let globalWeight = 50.0
    /// Slowest rate of the global loss: a memory of 500 runs.
    private static let globalRate = 0.002
    /// Sharpness of the weights, and the runs until it is reached: early losses are mostly luck.
    private static let sharpness = 20.0
    private static let warmUp = 200.0
    /// A relative loss is not measured against less than this, GiB: else the smallest builds would decide.
    private static let smallestExpectation = 0.05

    private(set) var global: Losses?
    private var globalCount = 0
    /// One per size class and, first, one for the runs before there were classes.
    private var classes = Array(repeating: ClassLosses(), count: SizeClasses.count + 1)

    private func slot(_ sizeClass: Int?) -> Int { sizeClass.map { $0 + 1 } ?? 0 }

    /// - Parameter peak: GiB of the attempt that finished.
    mutating func learn(peak: Double, ticket: MemoryTicket) {
        func loss(_ limit: Double) -> Double {
            let missed = peak > limit ? (1 / ticket.risk - 1) * (peak - limit) : limit - peak
            return missed / max(ticket.expected, Self.smallestExpectation)
        }
        let losses = Losses(margin: loss(ticket.marginLimit), maximum: loss(ticket.maximumLimit))
        if global == nil {
            global = losses
        } else {
            global?.move(towards: losses, rate: max(Self.globalRate, 1 / Double(globalCount + 1)))
        }
        globalCount += 1
        let slot = slot(ticket.sizeClass)
        classes[slot].count = min(classes[slot].count + 1, Self.classMemory)
        classes[slot].mean.move(towards: losses, rate: 1 / classes[slot].count)
    }

    /// Weight of the margin expert, 0 to 1.
    ///
    /// - Parameter runs: runs the memory model has learned.
    func marginWeight(sizeClass: Int?, runs: Int) -> Double {
        guard let global else { return 0.5 }
        let own = classes[slot(sizeClass)]
        func blended(_ loss: KeyPath<Losses, Double>) -> Double {
            (own.count * own.mean[keyPath: loss] + Self.globalWeight * global[keyPath: loss])
                / (own.count + Self.globalWeight)
        }
        let margin = blended(\.margin)
        let maximum = blended(\.maximum)
        let best = min(margin, maximum)
        let trust = Self.sharpness * min(1, Double(runs) / Self.warmUp) / max(best, 1e-9)
        let marginShare = exp(-trust * (margin - best))
        let maximumShare = exp(-trust * (maximum - best))
        return marginShare / (marginShare + maximumShare)
    }
}
