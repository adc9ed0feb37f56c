import Builds
import Storage

/// What a page says of a whole run, from its steps.
struct RunFacts: Sendable {
    let stored: StoredRun
    let steps: [Step]

    init(_ stored: StoredRun) {
        self.stored = stored
        steps = stored.knownSteps
    }

    var run: Run { stored.run }

    /// Steps that the kernel killed a process of.
    var killedSteps: [Step] { steps.filter { ($0.stop?.usage.oomKills ?? 0) > 0 } }

    var isOutOfMemory: Bool { run.completion?.status == .oomKilled || !killedSteps.isEmpty }

    /// The largest peak of a step.
    var peakBytes: Int64? { steps.compactMap { $0.stop?.usage.sizingPeakBytes }.max() }

    /// The limit of the run, else the largest of a step.
    var limitBytes: Int64? { steps.compactMap { $0.stop?.settings.memoryBytes }.max() ?? run.requested.memoryBytes }

    var jobs: Int? { steps.compactMap { $0.stop?.settings.jobs }.max() ?? run.requested.jobs }

    var cpuMillicores: Int? {
        steps.compactMap { $0.stop?.settings.cpuMillicores }.max() ?? run.requested.cpuMillicores
    }

    /// CPU seconds of all steps.
    var cpuSeconds: Double? {
        let known = steps.compactMap { $0.stop?.usage.totalCPUSeconds }
        return known.isEmpty ? nil : known.reduce(0, +)
    }

    /// Hits among the look-ups of compiler caches, 0 to 1.
    var cacheHitRatio: Double? {
        let hits = steps.reduce(0.0) { $0 + Double($1.stop?.usage.cacheHits ?? 0) }
        let misses = steps.reduce(0.0) { $0 + Double($1.stop?.usage.cacheMisses ?? 0) }
        return hits + misses > 0 ? hits / (hits + misses) : nil
    }

    /// `4 jobs, 4 cores, 8 GiB`
    var settings: String {
        let parts = [
            jobs.map { Figures.count(Int64($0), "job") }, cpuMillicores.map { Figures.cores($0) },
            limitBytes.map { Figures.memory($0) },
        ].compactMap(\.self)
        return parts.isEmpty ? "not stated" : parts.joined(separator: ", ")
    }

    /// How it ended; an OOM kill that its own report does not know of is one.
    var status: RunStatus? { isOutOfMemory ? .oomKilled : run.completion?.status }

    func mark(_ events: [String]) -> RunChart.Mark? {
        if isOutOfMemory { return .oom }
        if events.contains("drift") { return .drift }
        if events.contains("anomaly") { return .anomaly }
        return run.completion.map { $0.status == .success } ?? true ? nil : .failed
    }
}
