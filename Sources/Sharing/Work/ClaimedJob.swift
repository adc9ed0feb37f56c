/// A job in someone's hands.
public struct ClaimedJob: Hashable, Sendable {
    public let job: Job
    /// How often it was handed out, this time included: 1 at first.
    public let delivery: Int
    let receipt: Receipt

    /// Where the job is kept, and under which name.
    struct Receipt: Hashable, Sendable {
        enum Place: Hashable, Sendable { case inProcess, redis }

        var place: Place
        var id: String
    }
}
