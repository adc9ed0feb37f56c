/// pytest-xdist: PYTEST_XDIST_AUTO_NUM_WORKERS says what `-n auto` means. Without `-n auto` it changes nothing.
struct Pytest: BuildTool {
    let name = "pytest"
    let executables = ["pytest", "py.test"]
    let jobsOption = JobsOption(short: ["-n"], long: ["--numprocesses"])

    func defaultJobs(cores: Int) -> Int? { 1 }

    func variables(jobs: Int, existing: [String: String], overrides: Bool) -> [String: String] {
        assigning("PYTEST_XDIST_AUTO_NUM_WORKERS", String(jobs), existing, overrides)
    }
}
