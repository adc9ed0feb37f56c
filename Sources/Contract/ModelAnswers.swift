import Builds

/// One version of the learned memory model, as `GET /models` shows it.
public struct ModelAnswer: Codable, Hashable, Sendable {
    /// The version that stands for the closed form alone, without a learned model.
    public static let closedForm = "none"

    public var version: String
    /// RFC 3339; absent for the closed form.
    public var created_at: String?
    /// True for the version in force.
    public var active: Bool
    /// `rows`, `observed_runs`; on the newest fifth of the runs, held out: `pinball_loss`, `mae` (GiB), `coverage` (share
    /// of peaks below the predicted quantile), `sharpness` (GiB); `rival_pinball_loss`: that of the model
    /// then in force on the same runs; `accepted`: 1 when it went into force, or would have.
    public var metrics: [String: Double]

    public init(version: String, created_at: String?, active: Bool, metrics: [String: Double]) {
        self.version = version
        self.created_at = created_at
        self.active = active
        self.metrics = metrics
    }
}

/// `GET /models`.
public struct ModelsAnswer: Codable, Hashable, Sendable {
    /// The version in force; ``ModelAnswer/closedForm`` for the closed form.
    public var active: String
    /// Newest first, the closed form last.
    public var models: [ModelAnswer]

    public init(active: String, models: [ModelAnswer]) {
        self.active = active
        self.models = models
    }
}

/// `POST /models/train`.
public struct TrainedModelAnswer: Codable, Hashable, Sendable {
    public var model: ModelAnswer
    /// Why it went into force, or did not.
    public var reason: String

    public init(model: ModelAnswer, reason: String) {
        self.model = model
        self.reason = reason
    }
}

/// `POST /models/{version}/activate`.
public struct ActivatedModelAnswer: Codable, Hashable, Sendable {
    /// The version in force now.
    public var active: String

    public init(active: String) { self.active = active }
}
