import Telemetry

/// Which step of which run a process or a pod says it belongs to.
struct StepKey: Hashable, Sendable {
    var runID: String
    /// The step's span; `nil` for what carries the run alone, which is then reported as one step of this node.
    var stepID: String?
    /// The pipeline's name, where it is told; for the log and nothing else.
    var pipeline: String?

    /// Two keys are the same step whatever they say of the pipeline.
    static func == (a: StepKey, b: StepKey) -> Bool { a.runID == b.runID && a.stepID == b.stepID }

    func hash(into hasher: inout Hasher) {
        hasher.combine(runID)
        hasher.combine(stepID)
    }

    /// The variables that carry it, in the order of ``init(environment:)``.
    static let variables: [StaticString] = ["INFRAMIND_RUN_ID", "INFRAMIND_STEP_ID", "INFRAMIND_PIPELINE"]

    enum Label {
        static let runID = "inframind.io/run-id"
        static let stepID = "inframind.io/step-id"
        static let pipeline = "inframind.io/pipeline"
    }

    /// - Parameter environment: what was found of ``variables``; `nil` when that names no run. An unusable step ID names
    ///   no run either: what it is part of would be charged to the wrong step.
    init?(environment: [ProcessEnvironment.Value]) {
        guard environment.count == 3, case .text(let run) = environment[0], environment[1] != .unusable else {
            return nil
        }
        runID = run
        if case .text(let step) = environment[1] { stepID = step }
        if case .text(let name) = environment[2] { pipeline = name }
    }

    /// - Parameter value: looks a label or an annotation of the pod up.
    init?(labels value: (String) -> String?) {
        func usable(_ key: String) -> String? {
            guard let text = value(key), !text.isEmpty, text.utf8.count <= ProcessEnvironment.valueLimitBytes,
                !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F })
            else { return nil }
            return text
        }
        guard let run = usable(Label.runID) else { return nil }
        runID = run
        stepID = usable(Label.stepID)
        pipeline = usable(Label.pipeline)
    }
}
