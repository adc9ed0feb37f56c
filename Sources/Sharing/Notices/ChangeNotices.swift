/// Tells all servers that one of them changed what a tenant's recommendations follow from.
///
/// Notices make servers agree sooner; they carry no truth. One that is lost costs time, not correctness: a receiver reads
/// the store, and whenever some may have been lost it is told so.
public protocol ChangeNotices<Failure>: Sendable {
    /// `Never` where nothing can go wrong: what a server holds.
    associatedtype Failure: Error

    /// Tells every stream on every server, those of this server included.
    func publish(_ notice: ChangeNotice) async throws(Failure)

    /// What is published from now on. Begins with ``HeardNotice/mayHaveMissedSome``, because nobody knows what was said
    /// before. Ends when the server stops.
    func notices() -> AsyncStream<HeardNotice>
}
