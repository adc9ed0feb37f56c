/// GNU make: `MAKEFLAGS=-jN`, which every make below inherits.
struct Make: BuildTool {
    let name = "make"
    let executables = ["make", "gmake"]
    let jobsOption = JobsOption(short: ["-j"], long: ["--jobs"], bundled: "BbdeiknpqRrSstvw")

    func defaultJobs(cores: Int) -> Int? { 1 }

    /// A `-j` in MAKEFLAGS is the user's, or that of a make above us with its job server: both stay, whatever is asked.
    func variables(jobs: Int, existing: [String: String], overrides: Bool) -> [String: String] {
        let value = existing["MAKEFLAGS"] ?? ""
        let words = value.split(separator: " ")
        // After this word there are variables, and no options.
        guard let terminator = words.first(where: { $0 == "--" }) else {
            return appending("-j\(jobs)", to: "MAKEFLAGS", unless: statesJobs, existing)
        }
        if words.prefix(while: { $0 != "--" }).contains(where: statesJobs) { return [:] }
        return ["MAKEFLAGS": "\(value[..<terminator.startIndex])-j\(jobs) \(value[terminator.startIndex...])"]
    }

    private func statesJobs(_ word: Substring) -> Bool {
        jobsOption.stated(in: [String(word)]) != nil || word.hasPrefix("--job")
            // The first word may be a bundle of one-letter flags without a dash: `kj8`.
            || (!word.hasPrefix("-") && !word.contains("=" as Character) && word.contains("j" as Character))
    }
}
