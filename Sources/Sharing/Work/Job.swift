/// Something to do that any server can do.
public struct Job: Hashable, Sendable {
    public var kind: JobKind
    /// At most ``QueueLimits/largestPayloadBytes``: what must be looked up, not the thing itself.
    public var payload: [UInt8]
    /// While a job with the same key waits, another is not added. Once it is claimed, one may be: its worker has looked
    /// already, and would not see what changed since. `nil` for a job that is like no other.
    public var key: String?

    public init(_ kind: JobKind, payload: [UInt8], key: String? = nil) {
        self.kind = kind
        self.payload = payload
        self.key = key
    }
}
