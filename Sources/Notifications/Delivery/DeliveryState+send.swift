import Builds

extension DeliveryState {
    public enum Action: Hashable, Sendable {
        /// To be sent once this state, which now holds a lease, is kept.
        case send(Message)
        /// Nothing now.
        case wait
    }

    /// What became of a message that was sent.
    public enum Settled: Hashable, Sendable {
        case sent
        /// It is tried again.
        case postponed
        case givenUp(String)
        /// Another server has dealt with it meanwhile.
        case gone
    }

    /// What to do now. Messages go out one at a time, oldest first.
    ///
    /// - Parameters:
    ///   - holder: names who asks, and nobody else.
    ///   - expired: told of each message that was given up for its age.
    public mutating func next(
        at now: Timestamp, holder: String, policy: DeliveryPolicy, expired: (DeadLetter) -> Void = { _ in }
    ) -> Action {
        if let lease, lease.until > now, lease.holder != holder { return .wait }
        lease = nil
        giveUpOld(now, policy, expired)
        releaseHeld(now, policy)
        guard let first = pending.first else { return .wait }
        if let notBefore, notBefore > now { return .wait }
        if let lastSentAt, now.seconds(since: lastSentAt) < policy.shortestIntervalSeconds { return .wait }
        lease = Lease(holder: holder, until: now.advanced(bySeconds: DeliveryPolicy.leaseSeconds))
        return .send(first.message)
    }

    /// Notes what came of sending the message `id`.
    ///
    /// - Parameter chance: 0 to 1, for the pause before the next try.
    public mutating func settle(
        _ id: String, _ outcome: SendOutcome, at now: Timestamp, policy: DeliveryPolicy, chance: Double
    ) -> Settled {
        lease = nil
        guard let place = pending.firstIndex(where: { $0.message.id == id }) else { return .gone }
        switch outcome {
        case .delivered:
            let sent = pending.remove(at: place).message
            told[sent.key]?.at = now
            (failures, notBefore, lastProblem, lastSentAt) = (0, nil, nil, now)
            return .sent
        case .rejected(let reason):
            lastSentAt = now
            return giveUp(place, reason, now)
        case .throttled(let seconds):
            let own = DeliveryPolicy.pauseSeconds(failures: failures + 1, chance: chance)
            let pause = min(max(seconds ?? own, 1), DeliveryPolicy.longestThrottleSeconds)
            notBefore = now.advanced(bySeconds: pause)
            lastProblem = "the receiver asked to wait (429)"
            return .postponed
        case .failed(let reason):
            failures += 1
            pending[place].attempts += 1
            lastProblem = reason
            notBefore = now.advanced(
                bySeconds: DeliveryPolicy.pauseSeconds(failures: failures, chance: chance))
            return pending[place].attempts < policy.attempts ? .postponed : giveUp(place, reason, now)
        }
    }

    /// Gives the lease back without having sent.
    public mutating func release(until time: Timestamp?) {
        lease = nil
        if let time { notBefore = max(notBefore ?? time, time) }
    }

    private mutating func giveUp(_ place: Int, _ reason: String, _ now: Timestamp) -> Settled {
        let lost = pending.remove(at: place)
        bury(DeadLetter(message: lost.message, at: now, attempts: max(1, lost.attempts), reason: reason))
        lastProblem = reason
        return .givenUp(reason)
    }

    private mutating func bury(_ letter: DeadLetter) {
        var letter = letter
        // What comes next of this kind is worth telling again.
        if let held = told.removeValue(forKey: letter.message.key)?.held {
            letter.message = held.standing(for: letter.message)
        }
        dead = (dead + [letter]).suffix(Self.deadCapacity)
    }

    private mutating func giveUpOld(_ now: Timestamp, _ policy: DeliveryPolicy, _ expired: (DeadLetter) -> Void) {
        for old in pending where now.seconds(since: old.since) > policy.longestAgeSeconds {
            let letter = DeadLetter(
                message: old.message, at: now, attempts: old.attempts,
                reason: "too old to be told" + (lastProblem.map { "; the last try: \($0)" } ?? ""))
            bury(letter)
            expired(letter)
        }
        pending.removeAll { now.seconds(since: $0.since) > policy.longestAgeSeconds }
    }

    /// What was counted is told when its time is over, and what was told long ago is forgotten.
    private mutating func releaseHeld(_ now: Timestamp, _ policy: DeliveryPolicy) {
        for (key, entry) in told.sorted(by: { $0.key < $1.key }) {
            if entry.at == nil, let held = entry.held,
                let place = pending.firstIndex(where: { $0.message.key == key })
            {
                pending[place].message = held.standing(for: pending[place].message)
                told[key]?.held = nil
            }
            guard let at = entry.at, now.seconds(since: at) >= policy.repeatSeconds else { continue }
            if let held = entry.held {
                guard hasRoom else { return }
                told[key]?.held = nil
                told[key]?.at = nil
                pending.append(Pending(message: held, since: now))
            } else if !pending.contains(where: { $0.message.key == key }),
                now.seconds(since: entry.heardAt) > policy.longestAgeSeconds
            {
                told[key] = nil
            }
        }
    }
}
