/// Work that any server may do: each job is done by one server, and by another when that one died.
///
/// *At least once.* A claimed job is someone's until ``QueueLimits/patienceSeconds`` passed without ``renew(_:)``; then
/// the next claim delivers it again. A job that was delivered ``QueueLimits/deliveries`` times and never acknowledged is
/// put among the dead, for a person to look at.
///
/// A queue speeds work up; it is not where work is remembered. Who adds a job must be able to see in the store that it is
/// still due, and adds it again after ``HeardNotice/mayHaveMissedSome``: the job's key makes that harmless.
///
/// Kinds are lines of their own: each is bounded by itself, and a server claims only the kinds it understands.
public protocol WorkQueue<Failure>: Sendable {
    /// `Never` where nothing can go wrong: what a server holds.
    associatedtype Failure: Error

    var limits: QueueLimits { get }

    func add(_ job: Job) async throws(Failure) -> AddedJob

    /// The next jobs of a kind, oldest first; those whose worker died come before new ones. Does not wait for any.
    ///
    /// - Parameter limit: 1 to 100; what lies outside counts as the nearer bound.
    func claim(_ kind: JobKind, limit: Int) async throws(Failure) -> [ClaimedJob]

    /// Starts the job's patience anew, for work that takes longer than that.
    ///
    /// - Returns: whether the job is still the claimant's. If not, it was given to another, or is done.
    func renew(_ claim: ClaimedJob) async throws(Failure) -> Bool

    /// Says that the job is done, or that doing it again makes no sense. It is never delivered again.
    func acknowledge(_ claim: ClaimedJob) async throws(Failure)

    func figures(of kind: JobKind) async throws(Failure) -> QueueFigures

    /// The newest jobs that were given up, newest first.
    ///
    /// - Parameter limit: 1 to 1000; what lies outside counts as the nearer bound.
    func deadJobs(of kind: JobKind, limit: Int) async throws(Failure) -> [Job]
}
