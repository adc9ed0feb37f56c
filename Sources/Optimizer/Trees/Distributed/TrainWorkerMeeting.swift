/// How workers find each other before LightGBM joins them.
///
/// LightGBM's own meeting waits for a missing process for minutes or for ever, and takes whoever comes. So they meet
/// here first, at worker 0: each says who it is and what it holds, and all start once all are there. The connections
/// made here stay open while they train, for a process that dies is noticed on them and not by LightGBM, which then
/// reads nothing for ever at full speed.
struct TrainWorkerMeeting {
    let roster: TrainWorkerRoster
    let greeting: TrainWorkerGreeting
    /// How long to wait for the others.
    let timeoutSeconds: Double
    /// A stranger who connects and says nothing may not keep the others waiting for longer.
    static let longestSilence = Duration.seconds(2)

    private var deadline: ContinuousClock.Instant { .now + .seconds(timeoutSeconds) }

    /// Waits at worker 0 for all others.
    func host() throws(TrainWorkerError) -> TrainWorkerLinks {
        let deadline = deadline
        let listener = try TrainWorkerSocket.listening(on: roster.addresses[0].port)
        let count = roster.addresses.count
        var guests: [Int: TrainWorkerSocket] = [:]
        var (rows, heldOut) = ([greeting.rank: greeting.rows], [greeting.rank: greeting.heldOut])
        while guests.count < count - 1 {
            guard let guest = listener.accept(until: deadline) else {
                let missing = (1..<count).filter { guests[$0] == nil }
                throw refused(guests.values, .missing(ranks: missing, seconds: timeoutSeconds))
            }
            guard let message = try? guest.receive(until: min(deadline, .now + Self.longestSilence)),
                message.kind == .greeting, let other = TrainWorkerGreeting(message.body)
            else { continue }
            if let objection = greeting.objection(to: other, of: count) {
                throw refused(guests.values + [guest], .disagreement(objection))
            }
            // The newest counts: a process that was started again comes a second time.
            if let earlier = guests[other.rank] {
                dismiss([earlier], "another worker came as worker \(other.rank)")
            }
            guest.watchForDeadPeer()
            guests[other.rank] = guest
            rows[other.rank] = other.rows
            heldOut[other.rank] = other.heldOut
        }
        let links = TrainWorkerLinks(
            rank: 0, peers: guests, rows: rows.values.reduce(0, +), heldOut: heldOut.values.reduce(0, +))
        guard links.rows <= TrainingShard.mostRows else {
            throw refused(guests.values, .disagreement("\(links.rows) rows are more than LightGBM can count"))
        }
        do {
            try links.start()
        } catch {
            throw refused(guests.values, error)
        }
        return links
    }

    /// Goes to worker 0 and waits until all are there.
    func join() throws(TrainWorkerError) -> TrainWorkerLinks {
        let host = roster.addresses[0]
        guard let link = try TrainWorkerSocket.connected(to: host, until: deadline) else {
            throw .unreachable(address: host.description, seconds: timeoutSeconds)
        }
        link.watchForDeadPeer()
        // Worker 0 was there first, so it gives up first and says who is missing; the rest is for its words to arrive.
        let deadline = deadline + .seconds(5)
        let links = TrainWorkerLinks(rank: greeting.rank, peers: [0: link], rows: 0, heldOut: 0)
        try links.send(TrainWorkerMessage(kind: .greeting, body: greeting.encoded), to: 0, until: deadline)
        let body = try links.receive(.start, from: 0, until: deadline, seconds: timeoutSeconds)
        var reader = LittleEndianReader(body[...])
        guard let rows = reader.count(), let heldOut = reader.count(), heldOut < rows,
            rows <= TrainingShard.mostRows
        else {
            throw .disagreement("worker 0 says something else than a worker does")
        }
        return TrainWorkerLinks(rank: greeting.rank, peers: [0: link], rows: rows, heldOut: heldOut)
    }

    private func refused(
        _ guests: some Sequence<TrainWorkerSocket>, _ error: TrainWorkerError
    ) -> TrainWorkerError {
        dismiss(guests, error.description)
        return error
    }

    private func dismiss(_ guests: some Sequence<TrainWorkerSocket>, _ reason: String) {
        let deadline = ContinuousClock.now + .seconds(1)
        for guest in guests { try? guest.send(.failure(reason), until: deadline) }
        for guest in guests { guest.partWays(until: deadline) }
    }
}
