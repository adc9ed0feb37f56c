/// Chooses one of the servers that share a database, for work that one of them should do.
public protocol Leadership: Sendable {
    /// Whether this process leads; it takes the lead when nobody has it. Asking is how a lost lead is noticed, so who acts
    /// on the answer asks every few seconds. For a moment after a cut connection two may believe that they lead: the work
    /// must bear that.
    func isLeader() async -> Bool

    /// Lets another lead.
    func resign() async
}

/// The lead of the only process there is.
struct SoleLeadership: Leadership {
    func isLeader() async -> Bool { true }
    func resign() async {}
}
