/// `cmake --build`: CMAKE_BUILD_PARALLEL_LEVEL, whatever generator is below.
struct CMake: BuildTool {
    let name = "cmake"
    let executables = ["cmake"]
    let jobsOption = JobsOption(short: ["-j"], long: ["--parallel"])

    /// Depends on the generator.
    func defaultJobs(cores: Int) -> Int? { nil }

    func variables(jobs: Int, existing: [String: String], overrides: Bool) -> [String: String] {
        assigning("CMAKE_BUILD_PARALLEL_LEVEL", String(jobs), existing, overrides)
    }
}
