/// What a receiver made of a message.
public enum SendOutcome: Hashable, Sendable {
    case delivered
    /// It will never take this one: sending it again makes no sense.
    case rejected(String)
    /// It asked to wait this many seconds, or did not say how long.
    case throttled(seconds: Double?)
    /// It is away, slow, or broken; or the address is wrong, which somebody may notice.
    case failed(String)
}
