import Glibc

/// The rule of Kubernetes' Vertical Pod Autoscaler for memory: the 95 % quantile of a histogram with exponential
/// buckets whose weights decay, and 15 % more. Peaks of builds stand in for its daily peaks, and the half-life is
/// counted in builds: 200, for its one day says nothing of builds.
public struct VerticalPodAutoscaler: SizingPolicy {
    private let defaultGiB: Double
    private var histograms = GroupedStates(initial: DecayingHistogram())

    /// - Parameter defaultGiB: before the first build, unless it has a request.
    public init(defaultGiB: Double) { self.defaultGiB = defaultGiB }

    public func suggest(for question: BuildQuestion) -> (limitGiB: Double, note: Void) {
        let quantile = histograms.state(of: question.groups)?.quantile95
        return (quantile.map { RivalMargin.factor * $0 } ?? question.requestedGiB ?? defaultGiB, ())
    }

    public mutating func observe(_ build: RecordedBuild, attempts: [SizedAttempt], note: Void) {
        histograms.learn(build.question.groups) { histogram, count in
            histogram.add(build.result.peakGiB, number: count)
        }
    }
}

/// A histogram whose buckets grow by 5 % each from 10 MiB on, and in which a value counts half as much after 200
/// others.
private struct DecayingHistogram: Sendable {
    private static let firstBucketGiB = 0.01
    private static let growth = 1.05
    private static let halfLife = 200.0
    private static let share = 0.95
    /// Instead of letting old weights decay, newer ones grow; from 2⁵⁰⁰ on everything is scaled back, which is exact.
    private static let largestExponent = 500.0

    private var weights: [Double] = []
    private var exponentOffset = 0.0

    /// - Parameter number: how many values there are with this one.
    mutating func add(_ value: Double, number: Int) {
        let step = Self.growth - 1
        let position = log(max(value, Self.firstBucketGiB) / Self.firstBucketGiB * step + 1) / log(Self.growth)
        let bucket = Int(position.clamped(to: 0...10_000))
        if bucket >= weights.count {
            weights.append(contentsOf: repeatElement(0, count: bucket + 1 - weights.count))
        }
        var exponent = Double(number) / Self.halfLife - exponentOffset
        if exponent > Self.largestExponent {
            for index in weights.indices { weights[index] *= exp2(-Self.largestExponent) }
            exponentOffset += Self.largestExponent
            exponent -= Self.largestExponent
        }
        weights[bucket] += exp2(exponent)
    }

    /// Upper end of the bucket that holds the quantile, GiB; `nil` when empty.
    var quantile95: Double? {
        let total = weights.reduce(0, +)
        guard total > 0 else { return nil }
        var sum = 0.0
        for (bucket, weight) in weights.enumerated() where weight > 0 {
            sum += weight
            if sum >= Self.share * total { return Self.upperEndGiB(bucket) }
        }
        return Self.upperEndGiB(weights.count - 1)
    }

    private static func upperEndGiB(_ bucket: Int) -> Double {
        firstBucketGiB * (pow(growth, Double(bucket + 1)) - 1) / (growth - 1)
    }
}
