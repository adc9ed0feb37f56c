import Builds

/// Decides for one tenant what its next builds get, and learns from what they did.
///
/// Pure and deterministic: history, a generator of random numbers and the time go in, a recommendation comes out. The
/// state is a value; equal outcomes with equal tickets give equal states. It is bounded: at most 5,000 steps with 200
/// runs each and 20,000 memory keys are at hand; what was updated longest ago is put aside first, and steps come back
/// from their lessons: see ``recall(_:lessons:)``.
///
/// To decide: which steps the question covers, a plan for them, guardrails, and the reasons.
public struct Recommender: Sendable {
    /// How the optimizer is set up.
    public var configuration: OptimizerConfiguration
    /// What was learned.
    var history = History()
    /// Learned correction of the memory expectation; `nil` leaves the closed form alone.
    private(set) var trees: MemoryTreeModel?
    /// Fitted regressions, kept between calls; follows from ``history``.
    var fits = FitCache()

    /// A recommender that has seen nothing.
    public init(configuration: OptimizerConfiguration) {
        self.configuration = configuration
        history.memory = MemoryModel(
            defaultGiB: configuration.bounded.defaultMemoryGiB, risk: configuration.bounded.oomRisk)
    }

    /// Takes a learned model into force, or with `nil` goes back to the closed form. A model is no part of the stored
    /// state: store its text and install it again.
    public mutating func install(_ model: MemoryTreeModel?) { trees = model }

    /// Name of the model in force, `closed-form` when there is none.
    public var modelVersion: String { trees?.version ?? Self.closedForm }

    private static let closedForm = "closed-form"

    /// Sizes what the request names.
    ///
    /// A target without step covers all known steps of its stage, or of its pipeline when it has no stage either: the
    /// step with the most work decides about jobs and CPU, the one that needs the most memory about memory.
    ///
    /// - Parameters:
    ///   - id: of the recommendation.
    ///   - now: when it is made.
    ///   - generator: chance for exploration and the control arm; the same state gives the same answer.
    /// - Returns: the recommendation, and the ticket to hand in with the outcome.
    public mutating func recommend(
        _ request: OptimizationRequest, id: String, now: Timestamp, using generator: inout some RandomNumberGenerator
    ) -> (recommendation: Recommendation, ticket: Ticket) {
        let settings = configuration.bounded
        let question = SizingQuestion(
            target: request.target, context: request.context, constraints: request.constraints,
            objective: request.objective, risk: settings.oomRisk)
        let plan = plan(for: question, using: &generator)
        let guarded = applyGuardrails(to: plan, question: question)
        let explanation = explanation(of: plan, guarded: guarded, question: question, now: now)
        let recommendation = Recommendation(
            id: id, target: request.target, runID: request.runID, createdAt: now,
            expiresAt: now.advanced(bySeconds: settings.recommendationLifetimeSeconds),
            settings: guarded.wireSettings(cache: question.cache), baseline: explanation.baseline,
            prediction: explanation.prediction, source: explanation.source(hasTrees: trees != nil),
            explored: plan.mode == .explore, propensity: plan.propensity, confidence: explanation.confidence,
            rationale: explanation.rationale, reasons: explanation.reasons, guardrails: guarded.actions,
            steps: explanation.stepSettings, modelVersion: modelVersion)
        return (recommendation, ticket(for: plan, guarded: guarded, question: question))
    }
}
