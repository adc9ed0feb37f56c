import Glibc

/// One of the processes that train a model together with LightGBM's data-parallel learner.
///
/// Each holds a shard. They build histograms of their own rows, add them up over the network, and so grow the same
/// trees, each in its own memory. Which rows are held out was decided for the whole set before it was split: the newest
/// fifth, as when one process trains. A first training leaves those out; every worker judges its trees on its own
/// held-out rows, and the sums over all workers give the metrics of the whole set. A second training on all rows gives
/// the model.
///
/// A worker alone trains exactly what ``ModelTrainer`` trains. Several grow slightly different trees, because bins and
/// the quantiles in leaves are then found on parts; see ``TrainingSet/shards(_:)``. Everything is seeded: the same
/// shards give the same trees every time.
///
/// Neither LightGBM's network nor the meeting before it is encrypted or asks who is there: only workers may reach the
/// ports.
public struct TrainWorker: Sendable {
    /// 0 to the number of workers - 1.
    public let rank: Int
    /// All workers; the same list for each.
    public let roster: TrainWorkerRoster
    /// Longest wait for the others, both at the beginning and after each of the two trainings; 1 s to a day.
    public let timeoutSeconds: Double

    /// Twice the minute for which Linux keeps a port after a training that was broken off.
    public static let usualTimeoutSeconds = 120.0

    /// - Throws: ``TrainWorkerError/usage(_:)`` for a rank that is not in the roster, and a time outside its range.
    public init(
        rank: Int, roster: TrainWorkerRoster, timeoutSeconds: Double = Self.usualTimeoutSeconds
    ) throws(TrainWorkerError) {
        guard roster.addresses.indices.contains(rank) else {
            throw .usage("the rank of one of \(roster.addresses.count) machines is not \(rank)")
        }
        guard (1...86_400).contains(timeoutSeconds) else { throw .usage("a timeout is 1 to 86400 s") }
        self.rank = rank
        self.roster = roster
        self.timeoutSeconds = timeoutSeconds
    }

    /// Trains together with the others. Blocks the calling thread, to which LightGBM's network belongs; one process can
    /// do this once at a time. Ignores `SIGPIPE` from then on, for LightGBM does not.
    ///
    /// - Parameters:
    ///   - shard: the part with this worker's rank.
    ///   - onLoss: called on another thread when a worker is lost during a training. It must end the process, for
    ///     LightGBM waits for the lost one and cannot be interrupted.
    /// - Returns: the same from every worker.
    public func train(
        _ shard: TrainingShard, library: LightGBM, onLoss: @escaping @Sendable (TrainWorkerError) -> Never
    ) throws(TrainWorkerError) -> TrainedTrees {
        guard shard.rank == rank, shard.workerCount == roster.addresses.count else {
            throw .wrongShard(
                "the shard is part \(shard.rank) of \(shard.workerCount), "
                    + "the worker is \(rank) of \(roster.addresses.count)")
        }
        guard shard.rowCount > shard.heldOutCount else { throw .brokenShard("it holds no rows to train on") }
        guard roster.addresses.count > 1 else {
            let alone = TrainWorkerLinks(rank: 0, peers: [:], rows: shard.rowCount, heldOut: shard.heldOutCount)
            return try TrainWorkerSession(shard: shard, links: alone, timeoutSeconds: timeoutSeconds, library: library)
                .trained(TrainWorkerWatch(links: alone, onLoss: onLoss))
        }
        signal(SIGPIPE, SIG_IGN)
        // Nobody connects to worker 0 in LightGBM's network, so it needs no port there and keeps its own for the
        // meeting.
        let port = rank == 0 ? 0 : roster.addresses[rank].port
        let links = try meet(shard)
        do {
            let machines = try machineList(port: port)
            let watch = TrainWorkerWatch(links: links, onLoss: onLoss)
            try watch.during { () throws(TrainWorkerError) in try enter(machines, port: port, library: library) }
            let trees = try TrainWorkerSession(
                shard: shard, links: links, timeoutSeconds: timeoutSeconds, library: library
            ).trained(watch)
            links.leave { _ = library.networkFree() }
            return trees
        } catch {
            _ = library.networkFree()
            links.tell(error)
            throw error
        }
    }

    private func meet(_ shard: TrainingShard) throws(TrainWorkerError) -> TrainWorkerLinks {
        let meeting = TrainWorkerMeeting(
            roster: roster, greeting: TrainWorkerGreeting(roster: roster, shard: shard), timeoutSeconds: timeoutSeconds)
        guard rank != 0 else { return try meeting.host() }
        let deadline = ContinuousClock.now + .seconds(timeoutSeconds)
        let reservation = try TrainWorkerSocket.reserving(roster.addresses[rank].port, until: deadline)
        // Kept until all have met; then LightGBM takes the port.
        defer { withExtendedLifetime(reservation) {} }
        return try meeting.join()
    }

    /// The workers as LightGBM reads them. It knows addresses and no names, and finds its own place by an address of
    /// this machine, which behind address translation is none of those others use; so each is 127.0.0.1 to itself.
    private func machineList(port: UInt16) throws(TrainWorkerError) -> String {
        let deadline = ContinuousClock.now + .seconds(timeoutSeconds)
        var entries: [String] = []
        for (rank, address) in roster.addresses.enumerated() {
            // Worker 0 is never connected to, and so needs no address.
            if rank == self.rank || rank == 0 {
                entries.append("127.0.0.1:\(rank == self.rank ? port : address.port)")
                continue
            }
            guard let host = TrainWorkerSocket.numericHost(of: address, until: deadline) else {
                throw .system("the name \(address.host) is not known")
            }
            entries.append("\(host):\(address.port)")
        }
        return entries.joined(separator: ",")
    }

    private func enter(_ machines: String, port: UInt16, library: LightGBM) throws(TrainWorkerError) {
        let minutes = Int32((timeoutSeconds / 60).rounded(.up))
        do {
            try library.check(library.networkInit(machines, Int32(port), minutes, Int32(roster.addresses.count)))
        } catch {
            throw .lightGBM(error)
        }
    }
}
