/// What `train-worker` does: reads its shard, trains together with the others, and writes the model.
public struct TrainWorkerProcess: Sendable {
    /// The worker it runs.
    public let worker: TrainWorker
    /// File with the ``TrainingShard``.
    public let shardPath: String
    /// File for the ``TrainedTrees``. Every worker writes one, and all are the same.
    public let modelPath: String

    /// Takes the values of the flags as they are typed.
    ///
    /// - Parameters:
    ///   - rank: `--rank`, from 0.
    ///   - machines: `--machines`, `host:port,host:port,…` in the order of the ranks.
    ///   - shard: `--shard`, a file.
    ///   - model: `--model`, a file; an existing one is replaced.
    ///   - timeout: `--timeout` in seconds, 1 to 86,400; 120 when it is not given.
    /// - Throws: ``TrainWorkerError/usage(_:)``.
    public init(
        rank: String, machines: String, shard: String, model: String, timeout: String? = nil
    ) throws(TrainWorkerError) {
        guard let number = Int(rank) else { throw .usage("a rank is a whole number, not '\(rank)'") }
        guard let seconds = timeout.map(Double.init) ?? TrainWorker.usualTimeoutSeconds else {
            throw .usage("a timeout is a number of seconds, not '\(timeout ?? "")'")
        }
        worker = try TrainWorker(rank: number, roster: TrainWorkerRoster(machines), timeoutSeconds: seconds)
        shardPath = shard
        modelPath = model
    }

    /// Blocks the calling thread until the model is written.
    ///
    /// - Parameter onLoss: see ``TrainWorker/train(_:library:onLoss:)``.
    public func run(
        library: LightGBM, onLoss: @escaping @Sendable (TrainWorkerError) -> Never
    ) throws(TrainWorkerError) {
        let trees = try worker.train(TrainingShard(path: shardPath), library: library, onLoss: onLoss)
        try WorkerFile.write(trees.encoded(), to: modelPath, writer: worker.rank)
    }
}
