/// Why a run that asked for settings went on without them: whatever of ours fails, the build runs.
public enum FailOpen: String, Hashable, Sendable, Codable, CaseIterable {
    /// No connection.
    case unreachable
    /// No answer in the time a build may wait for one.
    case timeout
    /// The server said no.
    case refused
    /// Something answered, and not in the words of the API.
    case unexpectedAnswer = "unexpected_answer"
    /// A reason that a later version has a word for.
    case other

    /// Reads the word of whichever version.
    public init(wire: String) { self = FailOpen(rawValue: wire) ?? .other }
}
