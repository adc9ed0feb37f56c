/// Maven: `-TN` in MAVEN_ARGS, which Maven 3.9 and later read; earlier ones do not, and run as before.
struct Maven: BuildTool {
    let name = "maven"
    let executables = ["mvn", "mvnw", "mvnd"]
    let jobsOption = JobsOption(short: ["-T"], long: ["--threads"])
    let isScopedToItself = true

    func defaultJobs(cores: Int) -> Int? { 1 }

    func variables(jobs: Int, existing: [String: String], overrides: Bool) -> [String: String] {
        appending(
            "-T\(jobs)", to: "MAVEN_ARGS", unless: { $0.hasPrefix("-T") || $0.hasPrefix("--threads") }, existing)
    }
}
