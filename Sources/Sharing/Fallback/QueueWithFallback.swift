/// The shared queue, and this process's own while that is away.
///
/// What was added during an outage stays with this server, which works it off also when the shared queue is back. So every
/// server that adds jobs must work on them too.
struct QueueWithFallback<Shared: WorkQueue>: WorkQueue {
    let shared: Shared
    let own: InProcessQueue

    var limits: QueueLimits { own.limits }

    func add(_ job: Job) async -> AddedJob {
        do { return try await shared.add(job) } catch { return own.add(job) }
    }

    func claim(_ kind: JobKind, limit: Int) async -> [ClaimedJob] {
        var claims = own.claim(kind, limit: limit)
        let left = QueueLimits.claims(limit) - claims.count
        guard left > 0 else { return claims }
        // What was claimed without our hearing of it is delivered again when its patience is over.
        do { claims += try await shared.claim(kind, limit: left) } catch {}
        return claims
    }

    /// A claim whose queue is away counts as held: giving up the work would not make it more certain to be done once.
    func renew(_ claim: ClaimedJob) async -> Bool {
        guard claim.receipt.place == .redis else { return own.renew(claim) }
        do { return try await shared.renew(claim) } catch { return true }
    }

    /// A job whose queue is away is delivered again: at least once.
    func acknowledge(_ claim: ClaimedJob) async {
        guard claim.receipt.place == .redis else { return own.acknowledge(claim) }
        do { try await shared.acknowledge(claim) } catch {}
    }

    /// Of the shared queue, as far as it can be seen, and of this server's own.
    func figures(of kind: JobKind) async -> QueueFigures {
        var figures = own.figures(of: kind)
        do {
            let others = try await shared.figures(of: kind)
            figures.waiting += others.waiting
            figures.claimed += others.claimed
            figures.dead += others.dead
        } catch {}
        return figures
    }

    func deadJobs(of kind: JobKind, limit: Int) async -> [Job] {
        var jobs = own.deadJobs(of: kind, limit: limit)
        do { jobs += try await shared.deadJobs(of: kind, limit: limit) } catch {}
        return Array(jobs.prefix(QueueLimits.deadJobs(limit)))
    }
}
