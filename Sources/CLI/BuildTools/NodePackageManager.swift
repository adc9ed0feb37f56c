/// npm, yarn and pnpm: `npm_config_jobs`, which node-gyp hands to make, and JOBS, which gyp's own builds read.
struct NodePackageManager: BuildTool {
    let name = "npm"
    let executables = ["npm", "npx", "yarn", "pnpm", "node-gyp"]
    let jobsOption = JobsOption(long: ["--jobs"])
    let isScopedToItself = true

    func defaultJobs(cores: Int) -> Int? { nil }

    func variables(jobs: Int, existing: [String: String], overrides: Bool) -> [String: String] {
        assigning("npm_config_jobs", String(jobs), existing, overrides)
            .merging(assigning("JOBS", String(jobs), existing, overrides)) { $1 }
    }
}
