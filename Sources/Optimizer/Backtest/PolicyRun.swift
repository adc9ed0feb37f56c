/// The limits a policy would have set.
public struct PolicyRun: Sendable {
    public var policy: BacktestPolicy
    /// First limit of each build, GiB.
    public var limitsGiB: [Double]
    /// The learned model in force at the end; `nil` for rivals.
    public var modelVersion: String?
}

extension RecordedHistory {
    /// Replays one policy.
    ///
    /// - Parameters:
    ///   - delay: builds between a suggestion and its outcome.
    ///   - library: for our own policy; `nil` for the closed form alone.
    ///   - progress: see ``Replay/limitsGiB(of:progress:)``.
    public func replay(
        _ policy: BacktestPolicy, delay: Int, library: LightGBM?, progress: (Int) throws -> Void = { _ in }
    ) throws -> PolicyRun {
        let replay = Replay(self, delay: delay)
        func run(_ rival: some SizingPolicy) throws -> PolicyRun {
            var rival = rival
            return PolicyRun(policy: policy, limitsGiB: try replay.limitsGiB(of: &rival, progress: progress))
        }
        switch policy {
        case .recommender(let risk):
            var ours = RecommenderPolicy(risk: risk, capGiB: memoryCapGiB, library: library)
            let limits = try replay.limitsGiB(of: &ours, progress: progress)
            return PolicyRun(policy: policy, limitsGiB: limits, modelVersion: ours.modelVersion)
        case .currentSettings: return try run(CurrentSettings(defaultGiB: defaultGiB))
        case .historyMaximum: return try run(HistoryMaximum(defaultGiB: defaultGiB))
        case .historyQuantile: return try run(HistoryQuantile(defaultGiB: defaultGiB))
        case .verticalPodAutoscaler: return try run(VerticalPodAutoscaler(defaultGiB: defaultGiB))
        case .recentMean: return try run(RecentMean(defaultGiB: defaultGiB))
        }
    }
}
