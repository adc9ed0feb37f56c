import Builds

/// `{"ok":true}`, the answer of the three `/builds` endpoints.
public struct OKAnswer: Codable, Sendable {
    public var ok: Bool

    public init() { ok = true }
}

/// The answer of `POST /runs`.
public struct IngestedAnswer: Codable, Sendable {
    public var status: String
    /// The server's own number of the run.
    public var run_id: Int64

    public init(number: Int64) {
        status = "ingested"
        run_id = number
    }
}

/// The answer of `GET /features/{run_id}`. A feature that is not known is `null`.
public struct FeaturesAnswer: Codable, Sendable {
    public var run_id: String
    public var vector: [String: Double?]
    public var label: [String: Double?]
    public var created_at: String

    public init(runID: RunID, vector: [String: Double?], label: [String: Double?], createdAt: Timestamp) {
        run_id = runID.rawValue
        self.vector = vector
        self.label = label
        created_at = createdAt.rfc3339
    }
}
