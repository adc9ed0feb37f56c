import Builds

/// One of many writes that come together: each is a method of ``Store``.
///
/// Indirect, because thousands of them are handed on several times, and the nouns are large.
public indirect enum BatchEntry: Hashable, Sendable {
    /// ``Store/start(_:tenant:)-(Run,_)``
    case startRun(Run)
    /// ``Store/start(_:tenant:)-(Step,_)``
    case startStep(Step)
    /// ``Store/stop(_:with:tenant:)``
    case stopStep(Step, StepStop)
    /// ``Store/observe(_:tenant:)``
    case observe(StepObservation)
    /// ``Store/complete(_:with:tenant:)``
    case completeRun(RunID, RunCompletion)
    /// ``Store/ingest(_:steps:tenant:)``; ``WriteResult/unchanged`` when the same run is there.
    case wholeRun(Run, steps: [Step])
}
