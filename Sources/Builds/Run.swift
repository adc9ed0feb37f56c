/// One execution of a pipeline, as reported.
public struct Run: Hashable, Sendable, Codable {
    public var id: RunID
    public var pipeline: String
    public var branch: String
    public var commit: String
    public var image: String
    public var tools: [String]
    public var repository: String?
    public var node: String?
    /// What the run was given.
    public var requested: Settings
    public var recommendationID: String?
    public var context: BuildContext
    public var ci: CISystem?
    public var startedAt: Timestamp
    public var completion: RunCompletion?
    /// Why it runs without the settings it asked for; `nil` when it has them or did not ask. Counted when it arrives, and
    /// not stored.
    public var failOpen: FailOpen?

    public init(
        id: RunID, pipeline: String, branch: String, commit: String, image: String, tools: [String] = [],
        repository: String? = nil, node: String? = nil, requested: Settings = Settings(),
        recommendationID: String? = nil, context: BuildContext = BuildContext(), ci: CISystem? = nil,
        startedAt: Timestamp, completion: RunCompletion? = nil
    ) {
        self.id = id
        self.pipeline = pipeline
        self.branch = branch
        self.commit = commit
        self.image = image
        self.tools = tools
        self.repository = repository
        self.node = node
        self.requested = requested
        self.recommendationID = recommendationID
        self.context = context
        self.ci = ci
        self.startedAt = startedAt
        self.completion = completion
    }
}

/// How a run ended.
public struct RunCompletion: Hashable, Sendable, Codable {
    public var status: RunStatus
    /// Elapsed seconds as the client reports them; at least 0.
    public var durationSeconds: Double
    public var artifacts: [Artifact]
    /// Free-form cache statistics of the client.
    public var cache: [String: JSONValue]

    public init(
        status: RunStatus, durationSeconds: Double, artifacts: [Artifact] = [], cache: [String: JSONValue] = [:]
    ) {
        self.status = status
        self.durationSeconds = durationSeconds
        self.artifacts = artifacts
        self.cache = cache
    }
}

/// A file a run produced; `sizeBytes` is at least 0.
public struct Artifact: Hashable, Sendable, Codable {
    public var name: String
    public var sizeBytes: Int64

    public init(name: String, sizeBytes: Int64) {
        self.name = name
        self.sizeBytes = sizeBytes
    }
}

/// The system that runs the build, and which attempt this is (1 is the first).
public struct CISystem: Hashable, Sendable, Codable {
    public var system: String?
    public var url: String?
    public var attempt: Int?

    public init(system: String? = nil, url: String? = nil, attempt: Int? = nil) {
        self.system = system
        self.url = url
        self.attempt = attempt
    }
}

/// One step of a run, from its first event on.
public struct Step: Hashable, Sendable, Codable {
    public var runID: RunID
    /// Names the step within the run; chosen by the client.
    public var spanID: String
    public var stage: String
    public var step: String
    public var startedAt: Timestamp
    public var stop: StepStop?

    public init(runID: RunID, spanID: String, stage: String, step: String, startedAt: Timestamp, stop: StepStop? = nil)
    {
        self.runID = runID
        self.spanID = spanID
        self.stage = stage
        self.step = step
        self.startedAt = startedAt
        self.stop = stop
    }
}

/// The end of a step: when, what it used, and the settings it ran with where they differ from the run's.
public struct StepStop: Hashable, Sendable, Codable {
    public var stoppedAt: Timestamp
    public var usage: Usage
    public var settings: Settings

    public init(stoppedAt: Timestamp, usage: Usage, settings: Settings = Settings()) {
        self.stoppedAt = stoppedAt
        self.usage = usage
        self.settings = settings
    }
}
