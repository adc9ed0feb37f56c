/// Works off one kind of job, one at a time, until its task is cancelled. Several may run beside each other.
public struct JobWorker: Sendable {
    private let queue: any WorkQueue<Never>
    private let kind: JobKind
    private let idleSeconds: Double

    /// - Parameter idleSeconds: between two looks at an empty queue. One short command per second and worker is nothing to
    ///   Redis, while a command that waits there would need a connection of its own.
    public init(_ kind: JobKind, of queue: any WorkQueue<Never>, idleSeconds: Double = 1) {
        self.kind = kind
        self.queue = queue
        self.idleSeconds = idleSeconds
    }

    /// Runs until cancelled; the job in hand is finished first.
    ///
    /// - Parameter work: does a job. It is acknowledged when this returns. When it throws, the job is delivered again
    ///   after ``QueueLimits/patienceSeconds``, and given up after ``QueueLimits/deliveries``; who wants to log the error
    ///   catches it inside.
    public func run(_ work: @escaping @Sendable (ClaimedJob) async throws -> Void) async {
        while !Task.isCancelled {
            guard let claim = await queue.claim(kind, limit: 1).first else {
                // Woken early only by cancellation.
                try? await Task.sleep(for: .seconds(idleSeconds))
                continue
            }
            // A task of its own: cancelling the worker must not cut the job short.
            await Task { await perform(claim, work) }.value
        }
    }

    private func perform(_ claim: ClaimedJob, _ work: @escaping @Sendable (ClaimedJob) async throws -> Void) async {
        let renewal = Task {
            while !Task.isCancelled {
                try await Task.sleep(for: .seconds(queue.limits.patienceSeconds / 3))
                // Given to another all the same: a pause of this process, perhaps. Both will finish it.
                guard await queue.renew(claim) else { return }
            }
        }
        defer { renewal.cancel() }
        do {
            try await work(claim)
        } catch {
            return
        }
        await queue.acknowledge(claim)
    }
}
