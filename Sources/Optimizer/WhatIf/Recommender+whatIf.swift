import Builds
import Glibc

extension Recommender {
    /// Says what settings would lead to, and what would be recommended; nothing is explored and nothing is learned.
    ///
    /// - Parameters:
    ///   - settings: what is asked about; what they leave open is as recommended.
    ///   - parked: steps of ``parkedSteps(coveredBy:)`` with their lessons.
    public mutating func whatIf(
        _ request: OptimizationRequest, settings: Settings, recalling parked: [StepIdentity: [PastLesson]],
        now: Timestamp
    ) -> WhatIf {
        let kept = configuration
        defer { configuration = kept }
        configuration.explorationRate = 0
        configuration.controlRate = 0
        return lending(parked) { $0.whatIf(request, settings: settings, now: now) }
    }

    private mutating func whatIf(_ request: OptimizationRequest, settings: Settings, now: Timestamp) -> WhatIf {
        // With nothing to explore, no chance is asked for.
        var generator = SplitMix64(seed: 0)
        let recommendation = recommend(request, id: "what-if", now: now, using: &generator).recommendation
        let question = SizingQuestion(
            target: request.target, context: request.context, constraints: request.constraints,
            objective: request.objective, risk: configuration.bounded.oomRisk)
        let plan = plan(for: question, using: &generator)
        let recommended = StatedSettings(recommendation.settings, filledBy: nil)
        let asked = StatedSettings(settings, filledBy: recommended)
        let baseline = recommendation.baseline.map { StatedSettings($0.settings, filledBy: recommended) }
        let jobs = Self.jobsAround(asked.candidate)
        let oracle = Oracle(
            recommender: self, plan: plan, question: question,
            jobs: [recommended, asked].map(\.candidate.jobs) + jobs + (baseline.map { [$0.candidate.jobs] } ?? []))
        return WhatIf(
            recommendation: recommendation, recommended: oracle.forecast(recommended), asked: oracle.forecast(asked),
            baseline: baseline.map(oracle.forecast),
            byJobs: jobs.map { jobs in
                var other = asked
                other.candidate.jobs = jobs
                return oracle.forecast(other)
            },
            memoryByRisk: oracle.memoryByRisk(jobs: asked.candidate.jobs),
            runs: plan.parts.map(\.facts.runCount).min() ?? 0,
            timedRuns: plan.parts.map(\.facts.timedCount).min() ?? 0,
            recentPeaks: (plan.largest.facts.history?.records.elements ?? []).compactMap { record in
                record.peakGiB.map(Units.bytes(gib:))
            })
    }

    /// One job to twice as many as asked about, a handful of them.
    private static func jobsAround(_ candidate: Candidate) -> [Double] {
        let most = (2 * candidate.jobs).clamped(to: 4...SettingsRange.jobs.upperBound)
        let steps = min(most, 16)
        return Set((1...Int(steps)).map { (Double($0) * most / steps).rounded() }).sorted()
    }
}

/// Settings in the numbers of the decision, all stated.
private struct StatedSettings {
    var candidate: Candidate
    var memoryGiB: Double

    /// - Parameter other: what stands for missing values; without it the smallest there are.
    init(_ settings: Settings, filledBy other: StatedSettings?) {
        let least = (jobs: 1.0, cores: 1.0, gib: 2.0)
        candidate = Candidate(
            jobs: settings.jobs.map { Double($0).clamped(to: SettingsRange.jobs) } ?? other?.candidate.jobs
                ?? least.jobs,
            cores: settings.cpuMillicores.map { Units.cores(millicores: $0).clamped(to: SettingsRange.cores) }
                ?? other?.candidate.cores ?? least.cores)
        memoryGiB =
            settings.memoryBytes.map { Units.gib(bytes: $0).clamped(to: SettingsRange.memoryGiB) } ?? other?.memoryGiB
            ?? least.gib
    }
}

/// Answers what settings lead to, for jobs that were named before.
private struct Oracle {
    /// Risks that are told apart, the smallest first: 24 steps from 0.1 % to 50 %, each a third more than the last.
    private static let risks: [Double] = (0..<24).map { 0.001 * pow(500, Double($0) / 23) }

    private let plan: Plan
    private let prices: Prices
    private let jobs: [Double]
    /// For each part and risk, GiB for each number of jobs.
    private let limits: [[[Double]]]
    private let configurations: Set<Candidate>

    init(recommender: Recommender, plan: Plan, question: SizingQuestion, jobs: [Double]) {
        self.plan = plan
        self.jobs = jobs
        prices = recommender.configuration.prices(pool: question.workerPool)
        limits = plan.parts.map { part in
            // The learned part sees a prediction from its first candidate; with the plan's own it says the same.
            let prediction = recommender.memoryPrediction(part.facts, question, jobs: [part.referenceJobs] + jobs)
            let byRisk = Self.risks.map { Array(recommender.limitsGiB(part.facts, prediction, risk: $0).dropFirst()) }
            return Self.withoutDips(byRisk)
        }
        configurations = plan.lead.facts.history?.recentConfigurations ?? []
    }

    /// Each quantile is estimated by itself, so a smaller risk may come out with a little less memory; it needs no less.
    private static func withoutDips(_ byRisk: [[Double]]) -> [[Double]] {
        var limits = byRisk
        for index in limits.indices.dropLast().reversed() {
            limits[index] = zip(limits[index], limits[index + 1]).map { max($0, $1) }
        }
        return limits
    }

    func forecast(_ settings: StatedSettings) -> Forecast {
        let timed = plan.parts.filter { $0.facts.timedCount > 0 }
        let durations = timed.map { $0.facts.durationSeconds(settings.candidate) }
        let median = durations.reduce(0) { $0 + $1.p50 }
        let price = prices.perSecond(cores: settings.candidate.cores, memoryGiB: settings.memoryGiB)
        return Forecast(
            settings: Settings(
                jobs: Int(settings.candidate.jobs), cpuMillicores: Units.millicores(cores: settings.candidate.cores),
                memoryBytes: Units.bytes(gib: settings.memoryGiB)),
            durationSecondsP50: timed.isEmpty ? nil : median,
            durationSecondsP90: timed.isEmpty ? nil : durations.reduce(0) { $0 + $1.p90 },
            oomRisk: oomRisk(settings), costUSD: timed.isEmpty ? nil : median * price,
            isExtrapolated: !timed.isEmpty
                && !configurations.contains { settings.candidate.isWithinOneOctave(of: $0) })
    }

    /// The smallest risk whose limit the memory covers, of the step that is worst off.
    private func oomRisk(_ settings: StatedSettings) -> Double? {
        guard let place = jobs.firstIndex(of: settings.candidate.jobs) else { return nil }
        let risks = limits.map { byRisk in
            zip(Self.risks, byRisk).first { $1[place] <= settings.memoryGiB }?.0
        }
        return risks.contains { $0 == nil } ? nil : risks.compactMap(\.self).max()
    }

    func memoryByRisk(jobs asked: Double) -> [WhatIf.MemoryForRisk] {
        guard let place = jobs.firstIndex(of: asked) else { return [] }
        return Self.risks.indices.reversed().compactMap { index in
            limits.map { $0[index][place] }.max().map {
                WhatIf.MemoryForRisk(risk: Self.risks[index], memoryBytes: Units.bytes(gib: $0))
            }
        }
    }
}
