/// The connections of one worker once all have met: worker 0 has one to every other, the others have one to worker 0.
struct TrainWorkerLinks: Sendable {
    let rank: Int
    /// By rank.
    let peers: [Int: TrainWorkerSocket]
    /// Rows of all workers, and how many of them are held out.
    let rows: Int
    let heldOut: Int

    /// Tells all others to begin; for worker 0.
    func start() throws(TrainWorkerError) {
        var body: [UInt8] = []
        body.appendLittleEndian(UInt64(rows))
        body.appendLittleEndian(UInt64(heldOut))
        for peer in peers.keys.sorted() {
            try send(TrainWorkerMessage(kind: .start, body: body), to: peer, until: .now + .seconds(5))
        }
    }

    /// Everybody says something, worker 0 makes one answer of it, and all go on with that.
    ///
    /// - Parameters:
    ///   - seconds: how long to wait for each other.
    ///   - answer: what worker 0 makes of what all said, in the order of the ranks.
    func exchange(
        _ mine: TrainWorkerMessage, answer kind: TrainWorkerMessage.Kind, seconds: Double,
        _ answer: ([[UInt8]]) throws(TrainWorkerError) -> [UInt8]
    ) throws(TrainWorkerError) -> [UInt8] {
        let deadline = ContinuousClock.now + .seconds(seconds)
        guard rank == 0 else {
            try send(mine, to: 0, until: deadline)
            return try receive(kind, from: 0, until: deadline, seconds: seconds)
        }
        var bodies = [mine.body]
        for peer in peers.keys.sorted() {
            bodies.append(try receive(mine.kind, from: peer, until: deadline, seconds: seconds))
        }
        let body = try answer(bodies)
        for peer in peers.keys.sorted() {
            try send(TrainWorkerMessage(kind: kind, body: body), to: peer, until: deadline)
        }
        return body
    }

    /// Leaves LightGBM's network in the order of the ranks. There lower ranks connect to higher ones, and who hangs up
    /// first is left with the connection for a minute. On a port that is listened on it would keep the next training
    /// away.
    ///
    /// All have the model by now, so what goes wrong here is of no consequence.
    func leave(_ network: () -> Void) {
        let deadline = ContinuousClock.now + .seconds(10)
        if rank != 0 { _ = try? peers[0]?.receive(until: deadline) }
        network()
        for (_, socket) in peers.sorted(by: { $0.key < $1.key }) {
            if rank == 0 { try? socket.send(TrainWorkerMessage(kind: .end), until: deadline) }
            socket.partWays(until: deadline)
        }
    }

    /// Lets the others know why there will be no model. They may be gone; that is no further error.
    func tell(_ error: TrainWorkerError) {
        let deadline = ContinuousClock.now + .seconds(1)
        for socket in peers.values { try? socket.send(.failure(error.description), until: deadline) }
        for socket in peers.values { socket.partWays(until: deadline) }
    }

    func send(
        _ message: TrainWorkerMessage, to peer: Int, until deadline: ContinuousClock.Instant
    ) throws(TrainWorkerError) {
        guard let socket = peers[peer] else { throw .lost(rank: peer) }
        do {
            try socket.send(message, until: deadline)
        } catch {
            throw .lost(rank: peer)
        }
    }

    /// - Parameter seconds: what to say in the error when nothing comes.
    func receive(
        _ kind: TrainWorkerMessage.Kind, from peer: Int, until deadline: ContinuousClock.Instant, seconds: Double
    ) throws(TrainWorkerError) -> [UInt8] {
        guard let socket = peers[peer] else { throw .lost(rank: peer) }
        let message: TrainWorkerMessage
        do {
            message = try socket.receive(until: deadline)
        } catch {
            switch error {
            case .closed: throw .lost(rank: peer)
            case .timedOut: throw .silent(rank: peer, seconds: seconds)
            case .notAWorker: throw .disagreement("worker \(peer) says something else than a worker does")
            }
        }
        if message.kind == .failure { throw .stopped(reason: String(decoding: message.body, as: UTF8.self)) }
        guard message.kind == kind else {
            throw .disagreement("worker \(peer) says something else than a worker does")
        }
        return message.body
    }
}
