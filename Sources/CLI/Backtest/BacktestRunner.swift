import Optimizer

/// Replays policies beside each other, one to a core.
struct BacktestRunner: Sendable {
    let history: RecordedHistory
    var delay: Int
    var library: LightGBM?
    /// Called with the share that is done, 0 to 1.
    var progress: @Sendable (Double) -> Void

    /// - Returns: a run for each policy, in their order.
    func runs(of policies: [BacktestPolicy]) throws -> [PolicyRun] {
        let share = 1 / Double(max(1, history.builds.count * policies.reduce(0) { $0 + Self.effort($1) }))
        let (history, delay, library, progress) = (history, delay, library, progress)
        let work = BackgroundWork {
            try await withThrowingTaskGroup(of: (Int, PolicyRun).self) { group in
                let done = ProgressSum(report: progress)
                for (index, policy) in policies.enumerated() {
                    group.addTask {
                        let run = try history.replay(policy, delay: delay, library: library) { builds in
                            try Task.checkCancellation()
                            done.add(share * Double(builds * Self.effort(policy)))
                        }
                        return (index, run)
                    }
                }
                var runs: [PolicyRun?] = Array(repeating: nil, count: policies.count)
                for try await (index, run) in group { runs[index] = run }
                return runs.compactMap(\.self)
            }
        }
        return try work.wait()
    }

    /// How long a policy takes against a rival, roughly: only the progress rests on it.
    private static func effort(_ policy: BacktestPolicy) -> Int { policy.risk == nil ? 1 : 50 }
}
