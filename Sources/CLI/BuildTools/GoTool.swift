/// The go command: `GOFLAGS=-p=N` for actions at once, GOMAXPROCS for the threads of the compiler and of tests.
///
/// Every Go program reads GOMAXPROCS, so neither is set unless `go` itself is the command.
struct GoTool: BuildTool {
    let name = "go"
    let executables = ["go"]
    let jobsOption = JobsOption(long: ["-p", "--p"])
    let isScopedToItself = true

    func defaultJobs(cores: Int) -> Int? { cores }

    func variables(jobs: Int, existing: [String: String], overrides: Bool) -> [String: String] {
        let flags = appending(
            "-p=\(jobs)", to: "GOFLAGS", unless: { $0.hasPrefix("-p=") || $0.hasPrefix("--p=") }, existing)
        return flags.merging(assigning("GOMAXPROCS", String(jobs), existing, overrides)) { $1 }
    }
}
