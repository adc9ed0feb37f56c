/// Why a worker could not train. Every description is one sentence for a person, without a full stop.
public enum TrainWorkerError: Error, Hashable, CustomStringConvertible {
    /// A flag has a value that means nothing.
    case usage(String)
    /// A file cannot be read or written.
    case file(path: String, message: String)
    /// What was read is no shard, or a damaged one.
    case brokenShard(String)
    /// What was read is no trained model, or a damaged one.
    case brokenModel(String)
    /// The shard and the command line do not say the same.
    case wrongShard(String)
    /// The port this worker has to listen on belongs to another program.
    case portTaken(UInt16)
    /// A system call failed.
    case system(String)
    /// Worker 0 cannot be reached.
    case unreachable(address: String, seconds: Double)
    /// Worker 0 waited, and these did not come.
    case missing(ranks: [Int], seconds: Double)
    /// Workers do not train the same model.
    case disagreement(String)
    /// The process or the machine of a worker is gone.
    case lost(rank: Int)
    /// A worker is there and says nothing.
    case silent(rank: Int, seconds: Double)
    /// Another worker failed and said why.
    case stopped(reason: String)
    /// LightGBM refused.
    case lightGBM(LightGBMError)

    public var description: String {
        switch self {
        case .usage(let message), .wrongShard(let message), .system(let message), .disagreement(let message):
            message
        case .file(let path, let message): "\(path): \(message)"
        case .brokenShard(let message): "this is no shard to train on: \(message)"
        case .brokenModel(let message): "this is no trained model: \(message)"
        case .portTaken(let port): "port \(port) is taken by another program"
        case .unreachable(let address, let seconds):
            "worker 0 did not answer at \(address) within \(Self.text(seconds)) s"
        case .missing(let ranks, let seconds):
            "\(ranks.count == 1 ? "worker" : "workers") \(ranks.map(String.init).joined(separator: ", ")) "
                + "did not come within \(Self.text(seconds)) s"
        case .lost(let rank): "worker \(rank) left before the training ended"
        case .silent(let rank, let seconds): "worker \(rank) said nothing for \(Self.text(seconds)) s"
        case .stopped(let reason): reason
        case .lightGBM(let error): error.description
        }
    }

    /// The exit status of the process: 2 when it was called wrongly, else 1.
    public var exitStatus: Int32 {
        if case .usage = self { 2 } else { 1 }
    }

    private static func text(_ seconds: Double) -> String {
        Int(exactly: seconds).map(String.init) ?? "\(seconds)"
    }
}
