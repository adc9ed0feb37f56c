import Glibc
import Optimizer

/// Does what `inframind-server train-worker` does, without the server: for tests of the Optimizer.
///
///     TrainWorkerFixture --rank K --machines a:p,b:p --shard FILE --model FILE [--timeout SECONDS]
@main
enum TrainWorkerFixture {
    static func main() {
        do {
            let flags = try flags(CommandLine.arguments.dropFirst())
            let process = try TrainWorkerProcess(
                rank: flags["--rank"] ?? "", machines: flags["--machines"] ?? "", shard: flags["--shard"] ?? "",
                model: flags["--model"] ?? "", timeout: flags["--timeout"])
            guard
                let library = try LightGBMSearch(
                    environment: ["INFRAMIND_LIGHTGBM": environment("INFRAMIND_LIGHTGBM")],
                    executableFolder: LightGBMSearch.runningExecutableFolder
                ).load()
            else { throw TrainWorkerError.system("LightGBM is not here") }
            try process.run(library: library) { error in
                complain(error)
                _exit(error.exitStatus)
            }
        } catch {
            complain(error)
            exit((error as? TrainWorkerError)?.exitStatus ?? 1)
        }
    }

    private static func flags(_ arguments: ArraySlice<String>) throws -> [String: String] {
        var rest = arguments
        var flags: [String: String] = [:]
        while let flag = rest.popFirst() {
            guard let value = rest.popFirst() else { throw TrainWorkerError.usage("\(flag) needs a value") }
            flags[flag] = value
        }
        return flags
    }

    private static func environment(_ name: String) -> String { getenv(name).map { String(cString: $0) } ?? "" }

    private static func complain(_ error: any Error) {
        let line = Array("train-worker: \(error)\n".utf8)
        _ = write(STDERR_FILENO, line, line.count)
    }
}
