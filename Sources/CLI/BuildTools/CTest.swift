/// CTest: CTEST_PARALLEL_LEVEL.
struct CTest: BuildTool {
    let name = "ctest"
    let executables = ["ctest"]
    let jobsOption = JobsOption(short: ["-j"], long: ["--parallel"])

    func defaultJobs(cores: Int) -> Int? { 1 }

    func variables(jobs: Int, existing: [String: String], overrides: Bool) -> [String: String] {
        assigning("CTEST_PARALLEL_LEVEL", String(jobs), existing, overrides)
    }
}
