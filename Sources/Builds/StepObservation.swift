/// What somebody beside a build saw one of its steps use: the node agent, which knows no more of a step than its name.
public struct StepObservation: Hashable, Sendable, Codable {
    public var runID: RunID
    /// The step's span where the build told it, else a name for the build on that node.
    public var spanID: String
    public var stage: String
    public var step: String
    /// When it was looked at last.
    public var observedAt: Timestamp
    /// What was used up to then.
    public var usage: Usage
    /// False while the step goes on: another observation follows.
    public var isFinal: Bool

    public init(
        runID: RunID, spanID: String, stage: String, step: String, observedAt: Timestamp, usage: Usage, isFinal: Bool
    ) {
        self.runID = runID
        self.spanID = spanID
        self.stage = stage
        self.step = step
        self.observedAt = observedAt
        self.usage = usage
        self.isFinal = isFinal
    }
}

extension [Step] {
    /// The steps with what was observed of them, in the order they began.
    ///
    /// What a build measured of itself counts; an observation fills in what it left out. A step that was seen to end has
    /// ended, and one that only was seen is a step.
    public func completed(by observations: [StepObservation]) -> [Step] {
        guard !observations.isEmpty else { return self }
        var steps = self
        // Both sides may be thousands. By bytes, as the store tells spans apart; `String` compares what they look like.
        var places = Dictionary(
            steps.enumerated().map { ([UInt8]($0.element.spanID.utf8), $0.offset) },
            uniquingKeysWith: { first, _ in first })
        for observation in observations {
            if let place = places[[UInt8](observation.spanID.utf8)] {
                if steps[place].stop != nil {
                    steps[place].stop?.usage.fill(from: observation.usage)
                } else if observation.isFinal {
                    steps[place].stop = observation.stop(after: steps[place].startedAt)
                }
            } else {
                let began = Timestamp(
                    seconds: observation.observedAt.seconds - (observation.usage.wallSeconds ?? 0))
                places[[UInt8](observation.spanID.utf8)] = steps.count
                steps.append(
                    Step(
                        runID: observation.runID, spanID: observation.spanID, stage: observation.stage,
                        step: observation.step, startedAt: began,
                        stop: observation.isFinal ? observation.stop(after: began) : nil))
            }
        }
        return steps.enumerated().sorted {
            ($0.element.startedAt.microseconds, $0.offset) < ($1.element.startedAt.microseconds, $1.offset)
        }.map(\.element)
    }
}

extension StepObservation {
    /// Clocks of two machines differ: a step never ends before it began.
    fileprivate func stop(after start: Timestamp) -> StepStop {
        StepStop(
            stoppedAt: observedAt.microseconds < start.microseconds ? start : observedAt, usage: usage)
    }
}

extension Usage {
    /// Takes over what is missing here. Figures that belong together come from one source.
    fileprivate mutating func fill(from other: Usage) {
        if totalCPUSeconds == nil {
            (cpuSeconds, userCPUSeconds, systemCPUSeconds) =
                (other.cpuSeconds, other.userCPUSeconds, other.systemCPUSeconds)
        }
        if peakMemoryBytes == nil && unreclaimablePeakBytes == nil {
            (peakMemoryBytes, unreclaimablePeakBytes, memorySource) =
                (other.peakMemoryBytes, other.unreclaimablePeakBytes, other.memorySource)
            peakRSSBytes = peakRSSBytes ?? other.peakRSSBytes
        }
        wallSeconds = wallSeconds ?? other.wallSeconds
        if ioReadBytes == nil && ioWriteBytes == nil {
            (ioReadBytes, ioWriteBytes) = (other.ioReadBytes, other.ioWriteBytes)
        }
        throttledSeconds = throttledSeconds ?? other.throttledSeconds
        cpuPressureSeconds = cpuPressureSeconds ?? other.cpuPressureSeconds
        memoryPressureSeconds = memoryPressureSeconds ?? other.memoryPressureSeconds
        ioPressureSeconds = ioPressureSeconds ?? other.ioPressureSeconds
        oomKills = oomKills ?? other.oomKills
        exitCode = exitCode ?? other.exitCode
        signal = signal ?? other.signal
    }
}
