import Synchronization

/// Hands notices to the streams of this process: all there is for a server that is alone, the last step for others.
final class InProcessNotices: ChangeNotices {
    private struct State {
        var streams: [UInt64: AsyncStream<HeardNotice>.Continuation] = [:]
        var nextNumber: UInt64 = 0
        var isClosed = false
    }

    private let state = Mutex(State())

    /// Notices a stream may lag behind. Who is further behind checks everything, which costs less than so many notices.
    private static let backlog = 1000

    func publish(_ notice: ChangeNotice) { tell(.changed(notice)) }

    func notices() -> AsyncStream<HeardNotice> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: HeardNotice.self, bufferingPolicy: .bufferingNewest(Self.backlog))
        let number: UInt64? = state.withLock { state in
            if state.isClosed { return nil }
            state.nextNumber += 1
            state.streams[state.nextNumber] = continuation
            // Inside the lock, so that nothing comes before it.
            continuation.yield(.mayHaveMissedSome)
            return state.nextNumber
        }
        guard let number else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { _ = $0.streams.removeValue(forKey: number) }
        }
        return stream
    }

    func tell(_ heard: HeardNotice) {
        for stream in state.withLock({ Array($0.streams.values) }) {
            // The oldest made room. The word that something is missing comes last, so that it stays.
            if case .dropped = stream.yield(heard) { stream.yield(.mayHaveMissedSome) }
        }
    }

    /// Ends all streams.
    func close() {
        let streams = state.withLock { state in
            state.isClosed = true
            defer { state.streams = [:] }
            return Array(state.streams.values)
        }
        for stream in streams { stream.finish() }
    }
}
