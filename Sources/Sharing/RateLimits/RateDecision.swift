/// What became of one request.
public enum RateDecision: Hashable, Sendable {
    /// The request may go on; after it, `remaining` more would be allowed at once.
    case allowed(remaining: Int)
    /// The request must not go on. The same one is allowed after this many seconds when no other comes before it.
    case refused(retryAfterSeconds: Double)

    public var isAllowed: Bool {
        if case .allowed = self { true } else { false }
    }
}
