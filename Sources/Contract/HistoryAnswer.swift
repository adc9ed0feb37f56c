import Builds

/// `GET /history`: what was learned from, oldest first, a page at a time.
public struct HistoryAnswer: Codable, Sendable {
    public var builds: [Build]
    /// `after` of the next page; `nil` on the last.
    public var next: Int64?

    public init(builds: [Build], next: Int64?) {
        self.builds = builds
        self.next = next
    }

    /// One attempt at one step.
    public struct Build: Codable, Sendable {
        /// Grows in the order of learning.
        public var number: Int64
        public var run_id: String
        public var pipeline: String
        public var stage: String
        public var step: String
        public var started_at: String
        public var status: RunStatus
        /// 1 is the first.
        public var attempt: Int
        public var context: BuildContext
        /// What it used, and the settings it ran with.
        public var counters: Counters

        public init(_ outcome: Outcome, number: Int64, runID: RunID) {
            self.number = number
            run_id = runID.rawValue
            pipeline = outcome.step.pipeline
            stage = outcome.step.stage
            step = outcome.step.step
            started_at = outcome.startedAt.rfc3339
            status = outcome.status
            attempt = outcome.attempt
            context = outcome.context
            counters = Counters(
                StepStop(stoppedAt: outcome.startedAt, usage: outcome.usage, settings: outcome.settings))
        }

        /// - Returns: `nil` when the time is none.
        public var outcome: Outcome? {
            Timestamp(rfc3339: started_at).map { startedAt in
                Outcome(
                    step: StepIdentity(pipeline: pipeline, stage: stage, step: step), context: context,
                    settings: counters.settings?.settings ?? Settings(), usage: counters.usage, status: status,
                    attempt: attempt, startedAt: startedAt, runID: RunID(run_id))
            }
        }
    }
}
