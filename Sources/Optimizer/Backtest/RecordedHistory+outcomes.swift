import Builds

/// Why an outcome is no recorded build.
public enum UnrecordedOutcome: String, Hashable, Sendable, CaseIterable {
    /// Killed for memory; the attempt that followed tells the peak.
    case killed
    /// It stopped for another reason before it was done.
    case cutShort
    case withoutPeak
    case withoutDuration
}

extension RecordedHistory {
    /// A tenant's own builds: every attempt that finished, in the order they were learned.
    ///
    /// - Parameters:
    ///   - memoryCapGiB: the largest machine.
    ///   - leftOut: how many outcomes are no builds, and why.
    public init(_ outcomes: [Outcome], memoryCapGiB: Double, leftOut: inout [UnrecordedOutcome: Int]) {
        var builds: [RecordedBuild] = []
        var groups = GroupNumbers()
        for outcome in outcomes {
            switch Self.result(of: outcome) {
            case .failure(let reason): leftOut[reason.outcome, default: 0] += 1
            case .success(let result):
                builds.append(
                    RecordedBuild(
                        question: BuildQuestion(
                            step: outcome.step, context: outcome.context,
                            requestedGiB: Self.requestedGiB(outcome.context), jobs: outcome.settings.jobs,
                            groups: groups.numbers(of: outcome)), result: result))
            }
        }
        self.init(builds: builds, sizeLevel: GroupNumbers.stepLevel, hasDurations: true, memoryCapGiB: memoryCapGiB)
    }

    private struct Reason: Error { var outcome: UnrecordedOutcome }

    private static func result(of outcome: Outcome) -> Result<BuildResult, Reason> {
        switch outcome.ending {
        case .oomKilled: return .failure(Reason(outcome: .killed))
        case .cutShort: return .failure(Reason(outcome: .cutShort))
        case .finished: break
        }
        guard let peak = outcome.peakGiB, BuildResult.plausiblePeaksGiB.contains(peak) else {
            return .failure(Reason(outcome: .withoutPeak))
        }
        guard let seconds = outcome.wallSeconds, BuildResult.plausibleSeconds.contains(seconds) else {
            return .failure(Reason(outcome: .withoutDuration))
        }
        return .success(BuildResult(peakGiB: peak, wallSeconds: seconds, cpuSeconds: outcome.workSeconds))
    }

    /// What the build would have been given without us.
    private static func requestedGiB(_ context: BuildContext) -> Double? {
        (context.baseline ?? context.lastSuccess)?.memoryBytes.map(Units.gib(bytes:))
            .flatMap { BuildResult.plausiblePeaksGiB.contains($0) ? $0 : nil }
    }
}

/// Numbers for the groups that rivals keep histories of: configuration with branch class, configuration, step, pipeline,
/// all.
private struct GroupNumbers {
    static let stepLevel = 2

    private var known: [[String]: Int] = [:]

    mutating func numbers(of outcome: Outcome) -> [Int] {
        let configuration = ConfigurationKey(context: outcome.context)
        let step = [outcome.step.pipeline, outcome.step.stage, outcome.step.step]
        let levels = [
            step + [configuration.fields, configuration.branch], step + [configuration.fields], step,
            [outcome.step.pipeline], [],
        ]
        return levels.enumerated().map { level, parts in
            let name = [String(level)] + parts
            if let number = known[name] { return number }
            known[name] = known.count
            return known.count - 1
        }
    }
}
