import Builds
import Optimizer
import Storage

/// An attempt that ran out of memory, as it is told everywhere: where, at which limit, and what the next run gets.
struct OOMKill: Sendable {
    var outcome: Outcome
    var runID: RunID
    /// What the step would get now; `nil` where it was not asked.
    var next: Settings?

    init(_ stored: StoredLesson, next: Settings? = nil) {
        outcome = stored.lesson.outcome
        runID = stored.runID
        self.next = next
    }

    /// “OOM killed at 7.8 of 8 GiB in step link of shop/cart, next run gets 11 GiB.”
    var sentence: String {
        "OOM killed\(place) in \(Self.name(outcome.step)) of \(outcome.step.pipeline)"
            + (next?.memoryBytes.map { ", next run gets \(Figures.memory($0))" } ?? "") + "."
    }

    private var place: String {
        let (peak, limit) = (outcome.usage.sizingPeakBytes, outcome.settings.memoryBytes)
        return switch (peak, limit) {
        case (let peak?, let limit?): " at \(Figures.memory(min(peak, limit))) of \(Figures.memory(limit))"
        case (let peak?, nil): " at \(Figures.memory(peak))"
        case (nil, let limit?): " at its limit of \(Figures.memory(limit))"
        case (nil, nil): ""
        }
    }

    /// `step link`, `stage build`, `the whole run`.
    static func name(_ step: StepIdentity) -> String {
        if !step.step.isEmpty { return "step \(step.step)" }
        return step.stage.isEmpty ? "the whole run" : "stage \(step.stage)"
    }

    var html: HTML {
        """
        <li><span class="tag bad">OOM</span> \(Link.run(runID.rawValue).html("\(sentence)")) \
        <span class="quiet">\(.time(outcome.startedAt))</span> \
        \(Link.whatIf(outcome.step).html("Try a bigger size"))</li>
        """
    }
}

extension Link {
    static func whatIf(_ step: StepIdentity, memory: Int64? = nil) -> Link {
        whatIf(
            (step.pipeline, step.stage, step.step),
            memoryGiB: memory.map { Figures.rounded(Units.gib(bytes: $0), decimals: 2) })
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
        return lessons.map { OOMKill($0, next: next[$0.lesson.outcome.step]) }
    }
}
