/// Ninja reads no variable, so `-jN` goes right after the executable, and only when ninja itself is the command. Below
/// `cmake --build` the variable of CMake does it.
struct Ninja: BuildTool {
    let name = "ninja"
    let executables = ["ninja", "ninja-build", "samu"]
    let jobsOption = JobsOption(short: ["-j"])

    /// ninja.cc `GuessParallelism`: one core 2, two cores 3, else two more than there are.
    func defaultJobs(cores: Int) -> Int? { cores <= 1 ? 2 : cores == 2 ? 3 : cores + 2 }

    func arguments(jobs: Int) -> [String] { ["-j\(jobs)"] }
}
