import Builds
import Optimizer
import Storage

/// An attempt that ran out of memory, as pages list it.
struct OOMKill: Sendable {
    var kill: MemoryKill
    var outcome: Outcome
    /// What the step would get now; `nil` where it was not asked.
    var next: Settings?

    /// - Returns: `nil` for an attempt that ended otherwise.
    init?(_ stored: StoredLesson, next: Settings? = nil) {
        guard let kill = MemoryKill(stored.lesson.outcome, of: stored.runID) else { return nil }
        self.kill = kill
        outcome = stored.lesson.outcome
        self.next = next
    }

    var sentence: String { kill.text(naming: .stepAndPipeline, next: next?.memoryBytes) }

    var html: HTML {
        """
        <li><span class="tag bad">OOM</span> \(Link.run(kill.runID.rawValue).html("\(sentence)")) \
        <span class="quiet">\(.time(outcome.startedAt))</span> \
        \(Link.whatIf(outcome.step).html("Try a bigger size"))</li>
        """
    }
}

extension Link {
    static func whatIf(_ step: StepIdentity, memory: Int64? = nil) -> Link {
        whatIf(
            (step.pipeline, step.stage, step.step),
            memoryGiB: memory.map { Figures.rounded((Units.gib(bytes: $0) * 100).rounded(.up) / 100, decimals: 2) })
    }
}

extension Learner {
    /// Kills with what their steps get next; asked for each step once, and for the newest few only, as each takes some
    /// milliseconds.
    func oomKills(_ lessons: [StoredLesson], asking limit: Int, tenant: TenantID) async throws -> [OOMKill] {
        var next: [StepIdentity: Settings] = [:]
        for step in lessons.map(\.lesson.outcome.step) where next.count < limit && next[step] == nil {
            let answer = try await whatIf(OptimizationRequest(target: step), settings: Settings(), tenant: tenant)
            next[step] = answer.recommendation.settings
        }
        return lessons.compactMap { OOMKill($0, next: next[$0.lesson.outcome.step]) }
    }
}
