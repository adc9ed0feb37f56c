import Glibc
import Optimizer

/// `train-worker`: one of the processes that train a model together. It needs no database and no configuration but where
/// LightGBM is.
struct TrainWorkerCommand {
    let values: [ServerCommand.Flag: String]
    let environment: [String: String]

    /// Blocks until the model is written; returns the exit status.
    func run() -> Int32 {
        do {
            let process = try TrainWorkerProcess(
                rank: values[.rank] ?? "", machines: values[.machines] ?? "", shard: values[.shard] ?? "",
                model: values[.model] ?? "", timeout: values[.timeout])
            let path = environment["INFRAMIND_LIGHTGBM_LIBRARY"].flatMap { $0.isEmpty ? nil : $0 }
            guard let library = try loadLightGBM(configured: path, environment: environment) else {
                throw UpkeepError("LightGBM was not found; set INFRAMIND_LIGHTGBM_LIBRARY to its lib_lightgbm.so")
            }
            try process.run(library: library) { error in
                // LightGBM waits for the lost worker and cannot be interrupted.
                Server.complain(error)
                _exit(error.exitStatus)
            }
            return 0
        } catch {
            Server.complain(error)
            return (error as? TrainWorkerError)?.exitStatus ?? 1
        }
    }
}
