import Builds

/// `POST /builds/step`: a step starts or stops, or was observed from beside the build.
public struct BuildStepBody: Codable, Sendable {
    public var runID: String
    public var stage: String
    public var step: String
    public var spanID: String
    public var event: Event
    public var timestamp: String
    public var counters: Counters?
    /// Of an observation: whether it is the last word. True when it is not said.
    public var isFinal: Bool?

    public enum Event: String, Codable, Sendable {
        case start, stop
        /// What an agent saw the step use so far. A newer one takes the place of an older one.
        case usage
    }

    enum CodingKeys: String, CodingKey {
        case stage, step, event, timestamp, counters
        case runID = "run_id"
        case spanID = "span_id"
        case isFinal = "final"
    }

    /// The start of `step`.
    public init(starting step: Step) {
        self.init(step, event: .start, at: step.startedAt, counters: nil)
    }

    /// The end of `step`.
    public init(stopping step: Step, with stop: StepStop) {
        self.init(step, event: .stop, at: stop.stoppedAt, counters: Counters(stop))
    }

    private init(_ step: Step, event: Event, at time: Timestamp, counters: Counters?) {
        runID = step.runID.rawValue
        stage = step.stage
        self.step = step.step
        spanID = step.spanID
        self.event = event
        timestamp = time.rfc3339
        self.counters = counters
        isFinal = nil
    }

    /// What a validated body says.
    public enum Content: Hashable, Sendable {
        case start(Step)
        case stop(Step, StepStop)
        case usage(StepObservation)
    }

    /// - Throws: ``InvalidBody`` naming every field that cannot be accepted.
    public func content(receivedAt now: Timestamp) throws(InvalidBody) -> Content {
        var check = BodyCheck()
        check.name(runID, "run_id")
        check.name(stage, "stage", mayBeEmpty: true)
        check.name(step, "step")
        check.name(spanID, "span_id")
        let time = check.timestamp(timestamp, "timestamp") ?? now
        if time.seconds(since: now) > Bounds.clockSkewSeconds {
            check.fail("timestamp", "lies more than a day in the future")
        }
        counters?.check(&check, "counters")
        try check.finish()
        let step = Step(runID: RunID(runID), spanID: spanID, stage: stage, step: self.step, startedAt: time)
        switch event {
        case .start: return .start(step)
        case .stop:
            return .stop(
                step,
                StepStop(
                    stoppedAt: time, usage: counters?.usage ?? Usage(),
                    settings: counters?.settings?.settings ?? Settings()))
        case .usage:
            return .usage(
                StepObservation(
                    runID: step.runID, spanID: spanID, stage: stage, step: self.step, observedAt: time,
                    usage: counters?.usage ?? Usage(), isFinal: isFinal ?? true))
        }
    }
}

/// `counters{…}`: what a step used. All optional; numbers may come with or without a fraction.
public struct Counters: Codable, Sendable {
    public var cpuSeconds: Double?
    public var userCPUSeconds: Double?
    public var systemCPUSeconds: Double?
    public var wallSeconds: Double?
    public var peakRSSBytes: Double?
    public var peakMemoryBytes: Double?
    public var unreclaimablePeakBytes: Double?
    public var memorySource: MemorySource?
    public var ioReadBytes: Double?
    public var ioWriteBytes: Double?
    public var voluntaryContextSwitches: Double?
    public var involuntaryContextSwitches: Double?
    public var cacheHits: Double?
    public var cacheMisses: Double?
    public var throttledSeconds: Double?
    public var cpuPressureSeconds: Double?
    public var memoryPressureSeconds: Double?
    public var ioPressureSeconds: Double?
    public var oomKills: Double?
    public var exitCode: Int?
    public var signal: Int?
    public var settings: RequestedResources?

    enum CodingKeys: String, CodingKey {
        case signal, settings
        case cpuSeconds = "cpu_time_s"
        case userCPUSeconds = "cpu_user_s"
        case systemCPUSeconds = "cpu_system_s"
        case wallSeconds = "wall_s"
        case peakRSSBytes = "rss_max_bytes"
        case peakMemoryBytes = "peak_memory_bytes"
        case unreclaimablePeakBytes = "unreclaimable_peak_bytes"
        case memorySource = "memory_source"
        case ioReadBytes = "io_r_bytes"
        case ioWriteBytes = "io_w_bytes"
        case voluntaryContextSwitches = "voluntary_context_switches"
        case involuntaryContextSwitches = "involuntary_context_switches"
        case cacheHits = "cache_hits"
        case cacheMisses = "cache_misses"
        case throttledSeconds = "throttled_s"
        case cpuPressureSeconds = "psi_cpu_s"
        case memoryPressureSeconds = "psi_memory_s"
        case ioPressureSeconds = "psi_io_s"
        case oomKills = "oom_kills"
        case exitCode = "exit_code"
    }

    public init(_ stop: StepStop) {
        let usage = stop.usage
        cpuSeconds = usage.totalCPUSeconds
        userCPUSeconds = usage.userCPUSeconds
        systemCPUSeconds = usage.systemCPUSeconds
        wallSeconds = usage.wallSeconds
        peakRSSBytes = usage.peakRSSBytes.map(Double.init)
        peakMemoryBytes = usage.peakMemoryBytes.map(Double.init)
        unreclaimablePeakBytes = usage.unreclaimablePeakBytes.map(Double.init)
        memorySource = usage.memorySource
        ioReadBytes = usage.ioReadBytes.map(Double.init)
        ioWriteBytes = usage.ioWriteBytes.map(Double.init)
        voluntaryContextSwitches = usage.voluntaryContextSwitches.map(Double.init)
        involuntaryContextSwitches = usage.involuntaryContextSwitches.map(Double.init)
        cacheHits = usage.cacheHits.map(Double.init)
        cacheMisses = usage.cacheMisses.map(Double.init)
        throttledSeconds = usage.throttledSeconds
        cpuPressureSeconds = usage.cpuPressureSeconds
        memoryPressureSeconds = usage.memoryPressureSeconds
        ioPressureSeconds = usage.ioPressureSeconds
        oomKills = usage.oomKills.map(Double.init)
        exitCode = usage.exitCode
        signal = usage.signal
        settings = stop.settings.isEmpty ? nil : RequestedResources(stop.settings)
    }

    /// Only after ``check(_:_:)`` found nothing: the conversions below rely on its bounds.
    var usage: Usage {
        var usage = Usage()
        usage.wallSeconds = wallSeconds
        usage.cpuSeconds = cpuSeconds
        usage.userCPUSeconds = userCPUSeconds
        usage.systemCPUSeconds = systemCPUSeconds
        usage.peakRSSBytes = peakRSSBytes.map { Int64($0) }
        usage.peakMemoryBytes = peakMemoryBytes.map { Int64($0) }
        usage.unreclaimablePeakBytes = unreclaimablePeakBytes.map { Int64($0) }
        usage.memorySource = memorySource
        usage.ioReadBytes = ioReadBytes.map { Int64($0) }
        usage.ioWriteBytes = ioWriteBytes.map { Int64($0) }
        usage.voluntaryContextSwitches = voluntaryContextSwitches.map { Int64($0) }
        usage.involuntaryContextSwitches = involuntaryContextSwitches.map { Int64($0) }
        usage.cacheHits = cacheHits.map { Int64($0) }
        usage.cacheMisses = cacheMisses.map { Int64($0) }
        usage.throttledSeconds = throttledSeconds
        usage.cpuPressureSeconds = cpuPressureSeconds
        usage.memoryPressureSeconds = memoryPressureSeconds
        usage.ioPressureSeconds = ioPressureSeconds
        usage.oomKills = oomKills.map { Int64($0) }
        usage.exitCode = exitCode
        usage.signal = signal
        return usage
    }

    func check(_ check: inout BodyCheck, _ field: String) {
        for (name, value) in [
            ("cpu_time_s", cpuSeconds), ("cpu_user_s", userCPUSeconds), ("cpu_system_s", systemCPUSeconds),
        ] { check.number(value, "\(field).\(name)", in: Bounds.cpuSeconds) }
        for (name, value) in [
            ("wall_s", wallSeconds), ("throttled_s", throttledSeconds), ("psi_cpu_s", cpuPressureSeconds),
            ("psi_memory_s", memoryPressureSeconds), ("psi_io_s", ioPressureSeconds),
        ] { check.number(value, "\(field).\(name)", in: Bounds.seconds) }
        for (name, value) in [
            ("rss_max_bytes", peakRSSBytes), ("peak_memory_bytes", peakMemoryBytes),
            ("unreclaimable_peak_bytes", unreclaimablePeakBytes),
        ] { check.number(value, "\(field).\(name)", in: Bounds.memoryBytes) }
        for (name, value) in [("io_r_bytes", ioReadBytes), ("io_w_bytes", ioWriteBytes)] {
            check.number(value, "\(field).\(name)", in: Bounds.ioBytes)
        }
        for (name, value) in [
            ("cache_hits", cacheHits), ("cache_misses", cacheMisses), ("oom_kills", oomKills),
            ("voluntary_context_switches", voluntaryContextSwitches),
            ("involuntary_context_switches", involuntaryContextSwitches),
        ] { check.number(value, "\(field).\(name)", in: Bounds.events) }
        check.number(exitCode.map(Double.init), "\(field).exit_code", in: -2_147_483_648...2_147_483_647)
        check.number(signal.map(Double.init), "\(field).signal", in: 0...64)
        settings?.check(&check, "\(field).settings")
    }
}
