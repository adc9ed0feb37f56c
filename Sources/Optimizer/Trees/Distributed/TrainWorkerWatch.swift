import Dispatch
import Glibc

/// Watches the other workers while LightGBM trains on the calling thread.
///
/// LightGBM cannot be interrupted, and does not notice that a process it waits for is gone. So the watch does not
/// return an error, it ends the process: `onLoss` does not come back.
struct TrainWorkerWatch {
    let links: TrainWorkerLinks
    let onLoss: @Sendable (TrainWorkerError) -> Never

    /// Watches for as long as the body runs.
    func during<Result>(_ body: () throws(TrainWorkerError) -> Result) throws(TrainWorkerError) -> Result {
        // Closing one end of the pipe ends the watch.
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw .system("no pipe: \(String(cString: strerror(errno)))") }
        let (stop, life) = (ends[0], ends[1])
        let watcher = DispatchGroup()
        DispatchQueue.global().async(group: watcher) { watch(until: stop) }
        defer {
            close(life)
            watcher.wait()
            close(stop)
        }
        do {
            return try body()
        } catch {
            // LightGBM's words for a peer that is gone are those of a socket. The peer's own may be on their way: when they
            // come within half a second, the watch ends the process with them.
            usleep(500_000)
            throw error
        }
    }

    private func watch(until stop: Int32) {
        var watched = links.peers
        while true {
            let ranks = watched.keys.sorted()
            var entries = ranks.compactMap { watched[$0] }.map {
                pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0)
            }
            entries.append(pollfd(fd: stop, events: Int16(POLLIN), revents: 0))
            guard poll(&entries, nfds_t(entries.count), -1) > 0 else { continue }
            for (rank, entry) in zip(ranks, entries) where entry.revents != 0 {
                guard let socket = watched[rank] else { continue }
                switch Result(catching: { () throws(TrainWorkerSocket.Failure) in try socket.peek() }) {
                case .failure: lose(.lost(rank: rank))
                case .success(TrainWorkerMessage.Kind.failure.rawValue):
                    let message = try? socket.receive(until: .now + .seconds(2))
                    lose(
                        message.map { .stopped(reason: String(decoding: $0.body, as: UTF8.self)) }
                            ?? .lost(rank: rank))
                case .success(nil): continue
                // It has ended this part before us, and what it says is for the time after the watch.
                case .success: watched[rank] = nil
                }
            }
            if entries.last?.revents != 0 { return }
        }
    }

    private func lose(_ error: TrainWorkerError) -> Never {
        links.tell(error)
        onLoss(error)
    }
}
