/// Gradle: the property `org.gradle.workers.max` in GRADLE_OPTS. A daemon already running keeps its own.
struct Gradle: BuildTool {
    let name = "gradle"
    let executables = ["gradle", "gradlew"]
    let jobsOption = JobsOption(long: ["--max-workers", "-Dorg.gradle.workers.max"])
    let isScopedToItself = true

    func defaultJobs(cores: Int) -> Int? { cores }

    func variables(jobs: Int, existing: [String: String], overrides: Bool) -> [String: String] {
        appending(
            "-Dorg.gradle.workers.max=\(jobs)", to: "GRADLE_OPTS",
            unless: { $0.hasPrefix("-Dorg.gradle.workers.max=") }, existing)
    }
}
