import Builds

/// `GET /runs/{run_id}`: a run as it was reported, with what stood out in it.
public struct RunAnswer: Codable, Sendable {
    public var run_id: String
    public var pipeline: String
    public var branch: String
    public var commit: String
    public var image: String
    /// RFC 3339.
    public var started_at: String
    /// `nil` while it runs.
    public var status: RunStatus?
    public var duration_s: Double?
    /// The recommendation it followed.
    public var recommendation_id: String?
    /// 1 is the first.
    public var attempt: Int?
    public var requested_resources: RequestedResources
    public var steps: [Step]
    /// Anomalies of this run, and what it gave cause to say about its steps; newest first.
    public var events: [EventsAnswer.Event]

    public struct Step: Codable, Sendable {
        public var stage: String
        public var step: String
        public var span_id: String
        /// RFC 3339.
        public var started_at: String
        /// `nil` while it runs.
        public var stopped_at: String?
        /// What it used, and the settings it ran with; `nil` while it runs.
        public var counters: Counters?
    }

    public init(_ run: Run, steps: [Builds.Step], events: [EventsAnswer.Event]) {
        run_id = run.id.rawValue
        pipeline = run.pipeline
        branch = run.branch
        commit = run.commit
        image = run.image
        started_at = run.startedAt.rfc3339
        status = run.completion?.status
        duration_s = run.completion?.durationSeconds
        recommendation_id = run.recommendationID
        attempt = run.ci?.attempt
        requested_resources = RequestedResources(run.requested)
        self.events = events
        self.steps = steps.map { step in
            Step(
                stage: step.stage, step: step.step, span_id: step.spanID, started_at: step.startedAt.rfc3339,
                stopped_at: step.stop?.stoppedAt.rfc3339, counters: step.stop.map { Counters($0) })
        }
    }
}
