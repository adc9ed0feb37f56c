/// How a run ended. *Failure*: the tools said no. *Error*: the system failed them.
public enum RunStatus: String, Hashable, Sendable, Codable, CaseIterable {
    case success
    case failure
    case error
    case timeout
    case cancellation
    case oomKilled = "oom_killed"

    /// Reads the words the wire contract uses: `failed` is a failure, `aborted` a cancellation.
    public init?(wire: String) {
        switch wire.lowercased() {
        case "failed": self = .failure
        case "aborted", "cancelled", "canceled": self = .cancellation
        case let word: self.init(rawValue: word)
        }
    }
}
