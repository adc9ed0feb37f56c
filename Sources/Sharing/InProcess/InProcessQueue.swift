import Synchronization

/// Work in this process's memory, for a server that is alone or cut off.
final class InProcessQueue: WorkQueue {
    private let lines = Mutex<[JobKind: InProcessLine]>([:])
    let limits: QueueLimits
    private let now: MonotonicTime

    init(limits: QueueLimits = QueueLimits(), now: @escaping MonotonicTime = { .now }) {
        self.limits = limits
        self.now = now
    }

    func add(_ job: Job) -> AddedJob {
        guard job.payload.count <= limits.largestPayloadBytes else { return .tooLarge }
        return with(job.kind) { $0.add(job) }
    }

    func claim(_ kind: JobKind, limit: Int) -> [ClaimedJob] {
        let now = now()
        return with(kind) { $0.claim(QueueLimits.claims(limit), now: now) }
    }

    func renew(_ claim: ClaimedJob) -> Bool {
        let now = now()
        return with(claim.job.kind) { $0.renew(claim, now: now) }
    }

    func acknowledge(_ claim: ClaimedJob) { with(claim.job.kind) { $0.acknowledge(claim) } }

    func figures(of kind: JobKind) -> QueueFigures { with(kind) { $0.figures } }

    func deadJobs(of kind: JobKind, limit: Int) -> [Job] {
        with(kind) { $0.dead.suffix(QueueLimits.deadJobs(limit)).reversed() }
    }

    private func with<T: Sendable>(_ kind: JobKind, _ body: (inout InProcessLine) -> T) -> T {
        lines.withLock { body(&$0[kind, default: InProcessLine(limits: limits)]) }
    }
}
