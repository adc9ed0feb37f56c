import Builds
import Dispatch
import Synchronization

/// One writer for many callers: everything that waits shares one transaction, so that one wait for the disk answers all
/// of them.
///
/// While a transaction commits, new writes queue up; the next transaction takes them all. Rows are first written together,
/// as if all of them fitted; when one does not, the transaction begins anew and looks for it. All other writes have a
/// savepoint of their own: one that is refused undoes itself alone. No caller is answered before the commit, so an answer means durable
/// — also the answer "unchanged", which may rest on a write of the same group.
///
/// When the database itself fails (disk full, file damaged), nothing of the group is kept, every caller of the group is
/// told ``StoreError/unavailable(_:)``, and the writer goes on with the next group.
final class GroupCommit: Sendable {
    /// Runs `body` inside one durable transaction: commits when it returns, rolls back when it throws.
    typealias Transaction = @Sendable (_ body: (any SQLSession) throws -> Void) throws -> Void

    /// Tells one caller how its write ended.
    private typealias Answer = @Sendable () -> Void

    private struct QueuedWrite: Sendable {
        /// Takes so long that no other such write may share its transaction: all wait for it.
        var isLarge = false
        /// What is tried first, together with the rows of others, and the answer when it was written.
        var row: (write: RowWrite, written: Answer)?
        /// Does the work; throws only when the whole transaction is lost.
        let perform: @Sendable (any SQLSession) throws -> Answer
        let fail: @Sendable (StoreError) -> Void
    }

    private struct State: Sendable {
        var queue: [QueuedWrite] = []
        var isWriting = false
        var isClosed = false
        var closers: [CheckedContinuation<Void, Never>] = []
        var figures = StoreFigures()
    }

    private let capacity: Int
    private let largestGroup: Int
    private let transaction: Transaction
    private let writer = DispatchQueue(label: "inframind.storage.writer")
    private let state = Mutex(State())

    /// - Parameters:
    ///   - capacity: writes that may wait. At the few thousand writes per second one disk keeps, 10,000 is a wait of a
    ///     few seconds: longer than that, a client should rather be told to come back.
    ///   - largestGroup: writes per transaction. A failed commit costs all of them a retry, and the first waits for the
    ///     last; beyond some hundreds the share of the disk wait per write is negligible anyway.
    init(capacity: Int = 10_000, largestGroup: Int = 512, transaction: @escaping Transaction) {
        self.capacity = capacity
        self.largestGroup = largestGroup
        self.transaction = transaction
    }

    var figures: StoreFigures {
        state.withLock { state in
            var figures = state.figures
            figures.waiting = state.queue.count
            return figures
        }
    }

    /// Queues `body` and returns its result once it is on disk.
    ///
    /// A task cancelled before it queues writes nothing. Once queued the write is carried out and its true result is
    /// returned, cancelled or not: a caller is never left guessing.
    ///
    /// - Throws: what `body` throws; ``StoreError/overloaded(retryAfterSeconds:)``; ``StoreError/unavailable(_:)``;
    ///   `CancellationError`.
    func write<T: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> T) async throws -> T {
        try await write(nil, whenNew: nil, otherwise: body)
    }

    /// As ``write(_:)``, for thousands of rows: no other large write shares the transaction, so that small ones which
    /// wait get their turn between two of them.
    func writeLarge<T: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> T) async throws -> T {
        try await write(nil, whenNew: nil, isLarge: true, otherwise: body)
    }

    /// Queues a write that most often comes down to `row`, and returns `result` once that is on disk; where the row does
    /// not fit, what `body` returns.
    ///
    /// - Throws: as ``write(_:)``.
    func write<T: Sendable>(
        _ row: RowWrite?, whenNew result: T?, isLarge: Bool = false,
        otherwise body: @escaping @Sendable (any SQLSession) throws -> T
    ) async throws -> T {
        try Task.checkCancellation()
        return try await withCheckedThrowingContinuation { caller in
            enqueue(
                QueuedWrite(
                    isLarge: isLarge,
                    row: row.flatMap { row in
                        result.map { result in (row, { caller.resume(returning: result) }) }
                    },
                    perform: { session in
                        let result: Result<T, any Error>
                        do {
                            result = .success(try session.savepoint { try body(session) })
                        } catch let error as StoreError where error.isUnavailable {
                            throw error
                        } catch {
                            result = .failure(error)
                        }
                        return { caller.resume(with: result) }
                    },
                    fail: { caller.resume(throwing: $0) }))
        }
    }

    /// Refuses new writes and returns when the queued ones have been answered.
    func close() async {
        await withCheckedContinuation { closer in
            let isIdle = state.withLock { state in
                state.isClosed = true
                if state.isWriting { state.closers.append(closer) }
                return !state.isWriting
            }
            if isIdle { closer.resume() }
        }
    }

    private func enqueue(_ write: QueuedWrite) {
        let (refusal, mustStart) = state.withLock { state -> (StoreError?, Bool) in
            if state.isClosed { return (.unavailable("The store is closed."), false) }
            if state.queue.count >= capacity { return (.overloaded(retryAfterSeconds: 1), false) }
            state.queue.append(write)
            defer { state.isWriting = true }
            return (nil, !state.isWriting)
        }
        if let refusal { return write.fail(refusal) }
        if mustStart {
            writer.async { [self] in
                while let group = nextGroup() { commit(group) }
            }
        }
    }

    /// The writes that go together next; `nil`, and the writer rests, when none wait.
    private func nextGroup() -> [QueuedWrite]? {
        let (group, closers) = state.withLock { state -> ([QueuedWrite], [CheckedContinuation<Void, Never>]) in
            var largeWrites = 0
            let group = Array(
                state.queue.prefix(largestGroup).prefix { write in
                    if write.isLarge { largeWrites += 1 }
                    return largeWrites < 2
                })
            state.queue.removeFirst(group.count)
            guard group.isEmpty else { return (group, []) }
            state.isWriting = false
            defer { state.closers = [] }
            return ([], state.closers)
        }
        for closer in closers { closer.resume() }
        return group.isEmpty ? nil : group
    }

    private func commit(_ group: [QueuedWrite]) {
        var answers: [Answer] = []
        let began = ContinuousClock.now
        do {
            do {
                try transaction { session in
                    // A transaction that was lost on the way begins again.
                    answers = try writeTogether(group, session)
                }
            } catch is Misfit {
                try transaction { session in answers = try writeCarefully(group, session) }
            }
        } catch {
            // Whatever stopped the transaction, no caller of the group is to blame for it.
            state.withLock { $0.figures.failures += 1 }
            let reason = (error as? StoreError).flatMap { $0.isUnavailable ? $0 : nil }
            for write in group { write.fail(reason ?? .unavailable("The database did not commit: \(error)")) }
            return
        }
        state.withLock { state in
            state.figures.groupSizes.observe(Double(group.count))
            state.figures.commitSeconds.observe(began.duration(to: .now) / .seconds(1))
        }
        for answer in answers { answer() }
    }
}

extension GroupCommit {
    /// Expects all rows of `group` to fit.
    ///
    /// - Throws: ``Misfit`` when one does not.
    private func writeTogether(_ group: [QueuedWrite], _ session: any SQLSession) throws -> [Answer] {
        let rows = group.compactMap { $0.row }
        try session.writeAll(rows.map(\.write))
        return try rows.map(\.written) + group.filter { $0.row == nil }.map { try $0.perform(session) }
    }

    /// Writes the rows of `group` that fit, kind by kind, and does all other writes the way that looks first.
    private func writeCarefully(_ group: [QueuedWrite], _ session: any SQLSession) throws -> [Answer] {
        var answers: [Answer] = []
        var isDone = [Bool](repeating: false, count: group.count)
        for kind in RowWrite.Kind.allCases {
            let found = group.indices.filter { group[$0].row?.write.kind == kind }
            let left = Set(try session.write(kind, found.compactMap { group[$0].row?.write }))
            for (place, index) in found.enumerated() where !left.contains(place) {
                isDone[index] = true
                if let written = group[index].row?.written { answers.append(written) }
            }
        }
        return try answers + group.indices.filter { !isDone[$0] }.map { try group[$0].perform(session) }
    }
}

extension StoreError {
    /// True when the database failed, false when it refused this one write.
    var isUnavailable: Bool {
        if case .unavailable = self { true } else { false }
    }
}
