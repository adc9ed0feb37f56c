import Builds

/// What the product needs remembered, in the product's words. SQL never leaves this module.
///
/// Every method that writes returns only after the rows are on disk: an answer to a client means durable. Writes of
/// many callers share one transaction, so waiting for the disk is cheap.
///
/// Writes are idempotent: the same content again is ``WriteResult/unchanged``; other content under the same identity is
/// ``StoreError/conflict(_:)``. No method ever returns a row of another tenant.
///
/// Every method may also throw ``StoreError/unavailable(_:)``, every write ``StoreError/overloaded(retryAfterSeconds:)``.
/// A task that is cancelled gets `CancellationError` from a read, and from a write that is not queued yet; a queued write
/// is carried out.
public protocol Store: TokenStore, DeliveryStore, UsageStore {
    // MARK: Runs

    /// Records that a run began. Idempotent by run id; another `startedAt` alone is the same content, and the first is
    /// kept. A completion in `run` is not looked at.
    ///
    /// - Throws: ``StoreError/conflict(_:)``.
    func start(_ run: Run, tenant: TenantID) async throws -> WriteResult

    /// Records that a step began. Idempotent by run and span. A stop in `step` is not looked at.
    ///
    /// - Throws: ``StoreError/unknownRun(_:)``; ``StoreError/conflict(_:)``.
    func start(_ step: Step, tenant: TenantID) async throws -> WriteResult

    /// Records that a step stopped. Stage and step names of `step` must be those of its start; its `startedAt` is not
    /// looked at.
    ///
    /// - Throws: ``StoreError/unknownRun(_:)``, ``StoreError/unknownStep(_:)``, ``StoreError/stopBeforeStart(_:)``,
    ///   ``StoreError/conflict(_:)``.
    func stop(_ step: Step, with stop: StepStop, tenant: TenantID) async throws -> WriteResult

    /// Keeps what was observed of a step, newest last word; see ``StepObservation``. An older one changes nothing.
    ///
    /// - Throws: ``StoreError/unknownRun(_:)``.
    func observe(_ observation: StepObservation, tenant: TenantID) async throws -> WriteResult

    /// Records that a run is over.
    ///
    /// - Throws: ``StoreError/unknownRun(_:)``; ``StoreError/conflict(_:)``.
    func complete(_ id: RunID, with completion: RunCompletion, tenant: TenantID) async throws -> WriteResult

    /// Records a whole run that already happened, with its steps, in one transaction. Returns the store's own number of
    /// the run, the same when the same run comes again.
    ///
    /// - Throws: ``StoreError/stopBeforeStart(_:)``; ``StoreError/conflict(_:)``. Then nothing of it is kept.
    func ingest(_ run: Run, steps: [Step], tenant: TenantID) async throws -> Int64

    /// Carries out many writes in order, as if each had been asked for alone, and says of each how it ended. Made for
    /// many: a store writes them some thousand rows to a transaction, so others' writes get in between.
    ///
    /// - Throws: when the store fails or is overloaded. What comes before the failure may have been kept; the same batch
    ///   again finishes it and changes nothing of that.
    func write(_ batch: [BatchEntry], tenant: TenantID) async throws -> [Result<WriteResult, StoreError>]

    /// The run and its steps in the order they began; `nil` when there is none.
    func run(_ id: RunID, tenant: TenantID) async throws -> StoredRun?

    /// The run with the store's own `number`, as ``ingest(_:steps:tenant:)`` returned it; `nil` when there is none.
    func run(numbered number: Int64, tenant: TenantID) async throws -> StoredRun?

    /// Runs of `pipeline` that were recorded before the run numbered `before` (all when `nil`), newest first.
    ///
    /// - Parameter limit: at most this many, 1 to 1000.
    func runs(of pipeline: String, before number: Int64?, limit: Int, tenant: TenantID) async throws -> [StoredRun]

    // MARK: Recommendations

    /// Keeps a recommendation and the optimizer's ticket for it (opaque bytes). Idempotent by id.
    ///
    /// - Throws: ``StoreError/conflict(_:)``.
    func save(_ recommendation: Recommendation, ticket: [UInt8], tenant: TenantID) async throws

    func recommendation(_ id: String, tenant: TenantID) async throws -> StoredRecommendation?

    /// The newest recommendations for a pipeline (any when `nil`), newest first; `limit` 1 to 1000.
    func recommendations(of pipeline: String?, limit: Int, tenant: TenantID) async throws -> [StoredRecommendation]

    // MARK: Learning

    /// Completed runs that were not learned from yet, in the order they completed; `limit` 1 to 1000.
    func unlearnedRuns(limit: Int, tenant: TenantID) async throws -> [StoredRun]

    /// Keeps what was learned from a run, adds `usage` to the sums of ``UsageStore``, and marks the run learned, in one
    /// transaction. Appends in the order given; a run already learned from is left as it is (`unchanged`).
    ///
    /// - Throws: ``StoreError/unknownRun(_:)``; ``StoreError/conflict(_:)`` when the run is not over.
    func learned(_ lessons: [Lesson], usage: RunUsage?, from id: RunID, tenant: TenantID) async throws -> WriteResult

    /// Lessons with a number greater than `number`, of one pipeline or of all, oldest first; `limit` 1 to 10,000.
    func lessons(of pipeline: String?, after number: Int64, limit: Int, tenant: TenantID) async throws -> [StoredLesson]

    /// The newest lessons of a step with a number less than `number`, oldest first; `limit` 1 to 1000.
    func lessons(
        of step: StepIdentity, before number: Int64, limit: Int, tenant: TenantID
    ) async throws -> [StoredLesson]

    /// How far the tenant's learning has come: what a server compares with what it has read.
    func learningPosition(tenant: TenantID) async throws -> LearningPosition

    // MARK: Events

    /// Keeps what learning had to say. Idempotent by lesson and place: the same event again changes nothing.
    func save(_ events: [StoredEvent], tenant: TenantID) async throws

    /// Events before the one at `position` (all when `nil`), newest first; `limit` 1 to 1000.
    func events(
        of subject: EventSubject, before position: EventPosition?, limit: Int, tenant: TenantID
    ) async throws -> [StoredEvent]

    // MARK: Models

    /// Keeps a trained model, and in the same transaction puts it in force when it says that it is. Idempotent by version
    /// within the tenant; a model that was kept before is not put in force again.
    ///
    /// - Throws: ``StoreError/conflict(_:)``.
    func save(_ model: StoredModel, tenant: TenantID) async throws

    /// All versions without their bytes, newest first.
    func models(tenant: TenantID) async throws -> [StoredModel]

    /// One version with its bytes.
    func model(_ version: String, tenant: TenantID) async throws -> StoredModel?

    /// The version in force with its bytes; `nil` when none is.
    func activeModel(tenant: TenantID) async throws -> StoredModel?

    /// Puts `version` in force (`nil`: none, the closed form alone).
    ///
    /// - Throws: ``StoreError/unknownModel(_:)``.
    func activateModel(_ version: String?, tenant: TenantID) async throws

    // MARK: Upkeep

    /// Which of the servers on this store does what one of them should do.
    var leadership: any Leadership { get }

    /// Notes that all runs there are were recorded before `time`, unless that was noted within the last day.
    func markRetention(at time: Timestamp, tenant: TenantID) async throws

    /// Lets go of the steps of the oldest runs that were recorded before `time`, as far as
    /// ``markRetention(at:tenant:)`` says, those of `limit` runs (1 to 1000) at most. The runs, and what was learned from
    /// them, stay; runs that still have to be learned from keep their steps.
    func pruneSteps(recordedBefore time: Timestamp, limit: Int, tenant: TenantID) async throws -> PrunedSteps

    /// Tenants that have rows.
    func tenants() async throws -> [TenantID]

    /// Rows per kind, for metrics: `runs`, `steps`, `recommendations`, `lessons`, `models`.
    func counts() async throws -> [String: Int64]

    /// Runs of all tenants that are over and not learned from yet.
    func unlearnedRunCount() async throws -> Int64

    /// What the store counts of its transactions, without asking the database.
    var figures: StoreFigures { get }

    /// Does the store answer? Throws when it does not.
    func ping() async throws

    /// Finishes what is queued and closes. Nothing may be called afterwards.
    func close() async throws
}

/// What one portion of ``Store/pruneSteps(recordedBefore:limit:tenant:)`` let go of.
public struct PrunedSteps: Hashable, Sendable {
    public var runs: Int
    public var steps: Int
    /// Nothing more is due.
    public var isDone: Bool

    public init(runs: Int, steps: Int, isDone: Bool) {
        self.runs = runs
        self.steps = steps
        self.isDone = isDone
    }
}

/// Whether a write changed anything.
public enum WriteResult: Hashable, Sendable {
    case written
    /// The same content was there already.
    case unchanged
}

/// A run with its steps, as kept.
public struct StoredRun: Hashable, Sendable {
    /// The store's own number: grows in the order runs were recorded.
    public var number: Int64
    public var run: Run
    /// As the build told them.
    public var steps: [Step]
    /// What was seen of them from beside the build; one for each span.
    public var observations: [StepObservation]

    public init(number: Int64, run: Run, steps: [Step], observations: [StepObservation] = []) {
        self.number = number
        self.run = run
        self.steps = steps
        self.observations = observations
    }

    /// All that is known of the steps, told or observed.
    public var knownSteps: [Step] { steps.completed(by: observations) }
}

public struct StoredRecommendation: Hashable, Sendable {
    public var recommendation: Recommendation
    /// The optimizer's ticket, opaque to the store.
    public var ticket: [UInt8]

    public init(recommendation: Recommendation, ticket: [UInt8]) {
        self.recommendation = recommendation
        self.ticket = ticket
    }
}

/// One thing learned from one step of a run: the outcome, and the ticket it was learned with (opaque bytes).
public struct Lesson: Hashable, Sendable {
    public var spanID: String
    public var outcome: Outcome
    public var ticket: [UInt8]

    public init(spanID: String, outcome: Outcome, ticket: [UInt8]) {
        self.spanID = spanID
        self.outcome = outcome
        self.ticket = ticket
    }
}

public struct StoredLesson: Hashable, Sendable {
    /// Grows in the order of learning.
    public var number: Int64
    public var runID: RunID
    public var lesson: Lesson

    public init(number: Int64, runID: RunID, lesson: Lesson) {
        self.number = number
        self.runID = runID
        self.lesson = lesson
    }
}

/// How far a tenant's learning has come. Two servers at the same position recommend the same.
public struct LearningPosition: Hashable, Sendable {
    /// Number of the newest lesson; 0 for none. Every number up to it is there.
    public var newestLesson: Int64
    /// Version of the model in force; `nil` for none.
    public var activeModel: String?

    public init(newestLesson: Int64, activeModel: String?) {
        self.newestLesson = newestLesson
        self.activeModel = activeModel
    }
}

extension Store {
    /// Learns from a run that adds nothing to any sum.
    public func learned(_ lessons: [Lesson], from id: RunID, tenant: TenantID) async throws -> WriteResult {
        try await learned(lessons, usage: nil, from: id, tenant: tenant)
    }

    /// The newest events, newest first; `limit` 1 to 1000.
    public func events(of subject: EventSubject, limit: Int, tenant: TenantID) async throws -> [StoredEvent] {
        try await events(of: subject, before: nil, limit: limit, tenant: tenant)
    }

    /// Lessons of all pipelines: see ``lessons(of:after:limit:tenant:)``.
    public func lessons(after number: Int64, limit: Int, tenant: TenantID) async throws -> [StoredLesson] {
        try await lessons(of: nil, after: number, limit: limit, tenant: tenant)
    }
}

/// Something that learning from a lesson gave cause to say.
public struct StoredEvent: Hashable, Sendable {
    /// The lesson that was learned, and the event's place among its events: together they name it for good.
    public var lessonNumber: Int64
    public var place: Int
    public var runID: RunID
    public var pipeline: String
    /// Opaque to the store.
    public var content: JSONValue

    public init(lessonNumber: Int64, place: Int, runID: RunID, pipeline: String, content: JSONValue) {
        self.lessonNumber = lessonNumber
        self.place = place
        self.runID = runID
        self.pipeline = pipeline
        self.content = content
    }
}

/// Where a page of events ended.
public struct EventPosition: Hashable, Sendable {
    public var lessonNumber: Int64
    public var place: Int

    public init(lessonNumber: Int64, place: Int) {
        self.lessonNumber = lessonNumber
        self.place = place
    }
}

/// Whose events are asked for.
public enum EventSubject: Hashable, Sendable {
    case all
    case pipeline(String)
    case run(RunID)
}

/// A version of a learned model.
public struct StoredModel: Hashable, Sendable {
    public var version: String
    public var createdAt: Timestamp
    public var isActive: Bool
    /// Evaluation on the newest runs: `pinball_loss`, `mae`, `coverage`, `sharpness`, `rows`.
    public var metrics: [String: Double]
    /// The model itself; empty in listings.
    public var bytes: [UInt8]

    public init(version: String, createdAt: Timestamp, isActive: Bool, metrics: [String: Double], bytes: [UInt8]) {
        self.version = version
        self.createdAt = createdAt
        self.isActive = isActive
        self.metrics = metrics
        self.bytes = bytes
    }
}

/// What a store refuses, each with a sentence for the client.
public enum StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    case unknownRun(String)
    case unknownStep(String)
    case unknownModel(String)
    case unknownToken(String)
    /// Other content is kept under the same identity, or the content cannot be kept at all: a zero byte in an id, a
    /// number that is not finite.
    case conflict(String)
    case stopBeforeStart(String)
    /// Too many writes are waiting; try again after this many seconds.
    case overloaded(retryAfterSeconds: Int)
    /// The database was written by a newer version.
    case newerSchema(String)
    /// The database was written by an older version and may not be changed.
    case olderSchema(String)
    /// The database did not do what was asked: disk full, file damaged.
    case unavailable(String)

    public var description: String {
        switch self {
        case .unknownRun(let id): "There is no run '\(id)'. Send POST /builds/start first."
        case .unknownStep(let id): "There is no step with span '\(id)' in this run. Send its start event first."
        case .unknownModel(let version): "There is no model version '\(version)'."
        case .unknownToken(let id): "There is no token '\(id)'."
        case .conflict(let what): what
        case .stopBeforeStart(let id): "The step with span '\(id)' cannot stop before it started."
        case .overloaded(let seconds): "Too many writes are waiting. Try again in \(seconds) s."
        case .newerSchema(let what), .olderSchema(let what): what
        case .unavailable(let what): what
        }
    }
}
