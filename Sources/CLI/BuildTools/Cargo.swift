/// Cargo: CARGO_BUILD_JOBS.
struct Cargo: BuildTool {
    let name = "cargo"
    let executables = ["cargo"]
    let jobsOption = JobsOption(short: ["-j"], long: ["--jobs"])

    func defaultJobs(cores: Int) -> Int? { cores }

    func variables(jobs: Int, existing: [String: String], overrides: Bool) -> [String: String] {
        assigning("CARGO_BUILD_JOBS", String(jobs), existing, overrides)
    }
}
