/// Calls to Redis, for metrics, since the server began.
public struct SharingFigures: Hashable, Sendable {
    /// Calls that Redis answered, with an error or not.
    public internal(set) var answered: Int64 = 0
    /// Calls that this process had to answer by itself.
    public internal(set) var failed: Int64 = 0
    /// Times the connection was made.
    public internal(set) var connections: Int64 = 0
}
