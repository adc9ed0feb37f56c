/// What a listener is told.
public enum HeardNotice: Hashable, Sendable {
    case changed(ChangeNotice)
    /// Notices may have been lost: compare everything with the store, jobs that are due included.
    case mayHaveMissedSome
}
