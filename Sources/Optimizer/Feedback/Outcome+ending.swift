import Builds

/// How an attempt ended, as far as learning goes.
enum Ending: Hashable, Sendable {
    /// It did all its work: everything can be learned.
    case finished
    /// The kernel killed some of it for want of memory: its peak is the limit, which must never be learned.
    case oomKilled
    /// It stopped for another reason: it used at least what it used.
    case cutShort
}

extension Outcome {
    /// The kernel's own counter counts even when the client calls the run a failure or, with a retry inside, a success.
    var ending: Ending {
        if status == .oomKilled || (usage.oomKills ?? 0) > 0 { return .oomKilled }
        return status == .success ? .finished : .cutShort
    }

    /// Jobs the attempt says it ran with.
    var statedJobs: Double? {
        settings.jobs.map { Double($0).clamped(to: SettingsRange.jobs) }
    }

    /// Cores it was given; a step without CPU limit has the node's, if the context tells how many those are.
    var statedCores: Double? {
        (settings.cpuMillicores.map(Units.cores(millicores:)) ?? context.extra["node_cpu"]?.numberValue)?
            .ifPositive?.clamped(to: SettingsRange.cores)
    }

    var statedMemoryGiB: Double? {
        settings.memoryBytes.map(Units.gib(bytes:))?.ifPositive?.clamped(to: SettingsRange.memoryGiB)
    }

    /// `nil` when it was not measured. What no machine has and no process can start with was not measured either: learned,
    /// it would widen the margins of every other step.
    var peakGiB: Double? {
        usage.sizingPeakBytes.map(Units.gib(bytes:)).flatMap { peak in
            (MemoryModel.plausiblePeaksGiB.lowerBound...SettingsRange.memoryGiB.upperBound).contains(peak) ? peak : nil
        }
    }

    /// Elapsed and CPU seconds in the range in which logarithms and ratios mean something.
    var wallSeconds: Double? { usage.wallSeconds?.ifPositive?.clamped(to: 0.01...1e8) }
    var workSeconds: Double? { usage.totalCPUSeconds?.ifPositive?.clamped(to: 0.01...1e9) }

    /// What the duration models need, if all of it is known.
    var timing: StepRecord.Timing? {
        guard statedJobs != nil, let statedCores, let wallSeconds, let workSeconds else { return nil }
        return StepRecord.Timing(cores: statedCores, wallSeconds: wallSeconds, workSeconds: workSeconds)
    }
}
