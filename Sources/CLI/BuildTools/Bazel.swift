/// Bazel reads no variable, and its `--jobs` belongs after the command word, which only its own parser finds: write
/// `bazel build --jobs={jobs} //…`.
struct Bazel: BuildTool {
    let name = "bazel"
    let executables = ["bazel", "bazelisk"]
    let jobsOption = JobsOption(long: ["--jobs"])

    /// `auto`: the number of cores.
    func defaultJobs(cores: Int) -> Int? { cores }
}
