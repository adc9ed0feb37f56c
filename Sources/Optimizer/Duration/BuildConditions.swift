import Builds
import Glibc

/// What is known of a run before it begins that changes how much work and memory it takes.
struct BuildConditions: Hashable, Codable, Sendable {
    var cacheState: CacheState?
    var branch: BranchClass
    /// Logarithm of the number of changed files against six, a usual change (ln 6 ≈ 1.8); 0 when not stated, and with a
    /// cold cache, where everything is built anyway.
    var logChangedFiles: Double

    /// ln 6, the centre of the covariate.
    private static let usualLogChangedFiles = 1.8
    /// More changed files than this are read as this many.
    private static let mostChangedFiles = 1_000_000.0

    init(cacheState: CacheState? = nil, branch: BranchClass = .feature, changedFiles: Int? = nil) {
        self.cacheState = cacheState
        self.branch = branch
        if let changedFiles, cacheState != .cold {
            logChangedFiles =
                log(Double(changedFiles).clamped(to: 1...Self.mostChangedFiles)) - Self.usualLogChangedFiles
        } else {
            logChangedFiles = 0
        }
    }

    init(context: BuildContext) {
        self.init(
            cacheState: context.cacheState, branch: BranchClass(branch: context.branch),
            changedFiles: context.changedFiles)
    }

    /// `[cold, partial, release, main, log files]`, the covariates of all three regressions of a step.
    func appendCovariates(to values: inout [Double]) {
        values.append(cacheState == .cold ? 1 : 0)
        values.append(cacheState == .partial ? 1 : 0)
        values.append(branch == .release ? 1 : 0)
        values.append(branch == .main ? 1 : 0)
        values.append(logChangedFiles)
    }
}
