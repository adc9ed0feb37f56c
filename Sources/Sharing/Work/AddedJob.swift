/// What became of a job that was to be added.
public enum AddedJob: Hashable, Sendable {
    case added
    /// A job with the same key waits already and will do.
    case alreadyWaiting
    /// As many jobs of this kind as are allowed wait or are being done. Nothing was added.
    case full
    /// The payload is too large. Nothing was added.
    case tooLarge
}
