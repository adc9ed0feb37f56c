import Builds

/// `GET /events`: what an operator may want to look at, newest first. Events never change what is recommended.
public struct EventsAnswer: Codable, Sendable {
    public var events: [Event]

    public init(events: [Event]) { self.events = events }

    public struct Event: Codable, Hashable, Sendable {
        /// `anomaly`: one run far from what was expected; `drift`: the step has changed for good; `rollback`: settings that
        /// did worse than the declared ones and are left alone for twenty runs; `oom_rate`: OOM kills came more often than
        /// accepted; `oom_kill`: a step was killed for want of memory.
        public var kind: String
        public var pipeline: String
        public var stage: String
        public var step: String
        /// When the run that raised it began, RFC 3339.
        public var at: String
        /// That run, as the client named it.
        public var run_id: String?
        /// For a person, with the numbers before and after.
        public var text: String
        /// What was expected by the runs before, in ``unit``.
        public var before: Double?
        /// What came, in ``unit``.
        public var after: Double?
        /// `s` (elapsed), `cpu_s` or `gb`.
        public var unit: String?
        /// Runs it was found in.
        public var runs: Int?
        /// Of a kill: memory the step had, what it reached, and what the next run gets at least, in GiB.
        public var had_gb: Double?
        public var reached_gb: Double?
        public var next_gb: Double?

        public init(
            kind: String, step: StepIdentity, at: Timestamp, runID: RunID?, text: String, before: Double?,
            after: Double?,
            unit: String?, runs: Int?
        ) {
            self.kind = kind
            pipeline = step.pipeline
            stage = step.stage
            self.step = step.step
            self.at = at.rfc3339
            run_id = runID?.rawValue
            self.text = text
            self.before = before
            self.after = after
            self.unit = unit
            self.runs = runs
        }
    }
}
