import Builds
import Glibc

extension RunStatus {
    /// The command's own word, except when the kernel killed for memory: then it says so itself, by the cgroup's
    /// counter.
    ///
    /// SIGINT and SIGTERM come from people and CI systems that cancel. Exit status 137 alone proves nothing.
    init(_ cause: CommandSupervisor.End.Cause, oomKills: Int64?) {
        switch cause {
        case .exited(0): self = .success
        case _ where (oomKills ?? 0) > 0: self = .oomKilled
        case .signalled(SIGINT), .signalled(SIGTERM), .signalled(SIGHUP): self = .cancellation
        case .signalled: self = .error
        case .exited(128 + SIGINT), .exited(128 + SIGTERM): self = .cancellation
        case .exited: self = .failure
        }
    }
}

extension Usage {
    mutating func record(_ cause: CommandSupervisor.End.Cause) {
        switch cause {
        case .exited(let status): exitCode = Int(status)
        case .signalled(let number):
            exitCode = Int(128 + number)
            signal = Int(number)
        }
    }

    var oomSentence: String {
        let peak = sizingPeakBytes.map { " at \(Quantity.memory(bytes: $0))" } ?? ""
        return "the kernel killed \(oomKills ?? 0) process(es) of this step for memory\(peak)"
    }
}
