/// GNU make: `MAKEFLAGS=-jN`, which every make below inherits.
struct Make: BuildTool {
    let name = "make"
    let executables = ["make", "gmake"]
    let jobsOption = JobsOption(short: ["-j"], long: ["--jobs"])

    func defaultJobs(cores: Int) -> Int? { 1 }

    /// A `-j` in MAKEFLAGS is the user's, or that of a make above us with its job server: both stay, whatever is asked.
    func variables(jobs: Int, existing: [String: String], overrides: Bool) -> [String: String] {
        appending("-j\(jobs)", to: "MAKEFLAGS", unless: Self.statesJobs, existing)
    }

    private static func statesJobs(_ word: Substring) -> Bool {
        word.hasPrefix("-j") || word.hasPrefix("--job")
            // The first word may be a bundle of one-letter flags without a dash: `kj8`.
            || (!word.hasPrefix("-") && !word.contains("=" as Character) && word.contains("j" as Character))
    }
}
