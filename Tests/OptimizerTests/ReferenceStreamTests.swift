import Builds
import Foundation
import Testing

@testable import Optimizer

/// A thousand runs through both implementations. The inner layers are compared (memory, work, duration, decision,
/// drift, pooling): the guardrails and the rounding that come after them are the product's own.
@Suite("A thousand runs agree with the reference")
struct ReferenceStreamTests {
    /// Library functions differ in the last digit and sums in their order; an error of a formula is far larger.
    static let tolerance = 1e-9

    /// What the reference keeps of a step, in the product's types.
    fileprivate struct Stage {
        var tool = ""
        var history = StepHistory()
        var drift = DriftWatch()
        var models: StepModels?
    }

    /// The reference's optimizer, put together from the layers under test.
    fileprivate struct Bench {
        var memory = MemoryModel(defaultGiB: 2, risk: 0.02, globalExceedances: 0)
        var stages: [String: Stage] = [:]
        var priors: [String: StepPriors] = [:]
        var runs = 0
        let prices = OptimizerConfiguration().prices
    }

    fileprivate struct Question {
        let chain: KeyChain
        let conditions: BuildConditions
        let declared: Candidate
        let declaredGiB: Double
        let objective: ObjectiveRates
        let referenceSeconds: Double

        init(_ row: CSVFixture.Row) throws {
            chain = KeyChain(
                keys: [
                    MemoryKey("p", try row.text("pipeline")), MemoryKey("t", try row.text("tool")), MemoryKey("all"),
                ],
                pipelineLevel: 0)
            conditions = BuildConditions(
                cacheState: [.cold, .partial, .warm][Int(try row.number("cache"))],
                branch: [.main, .feature, .release][Int(try row.number("branch"))],
                changedFiles: Int(try row.number("files")))
            declared = Candidate(jobs: try row.number("declared_jobs"), cores: try row.number("declared_cores"))
            declaredGiB = try row.number("declared_gib")
            let time = try row.number("time_weight")
            referenceSeconds = try row.number("reference_seconds")
            objective = ObjectiveRates(
                timeWeight: time, costWeight: 1 - time, referenceSeconds: referenceSeconds,
                referenceDollars: try row.number("reference_dollars"))
        }
    }

    fileprivate struct Answer {
        var models: StepModels
        var prediction: MemoryPrediction
        var index: Int
        var candidate: Candidate
        var memoryGiB: Double
        var candidateCount = 0
        var value = 0.0
        var sumOfValues = 0.0
        var sumOfMemory = 0.0
    }

    @Test("Memory, work, duration, decision, drift and pooling are the reference's to nine digits")
    func stream() throws {
        var bench = Bench()
        for row in try CSVFixture("reference-stream").rows {
            let question = try Question(row)
            let answer = try bench.answer(question, row)
            let isSame = try Self.compare(
                answer, question, row, ticket: bench.ticket(answer), marginWeight: bench.marginWeight(answer))
            // After a first difference, everything that follows differs as well.
            try #require(isSame, "row \(row.number)")
            let events = try bench.learn(answer, question, row)
            #expect(events == (try row.text("events")), "row \(row.number)")
        }
        #expect(bench.runs == 1000)
        #expect(bench.priors.count == 4)

        // The rows for the trees come out of this stream too; their fixture is rounded to nine digits.
        let rows = try CSVFixture("reference-trees").rows
        #expect(rows.count == bench.memory.rows.count)
        for (row, kept) in zip(rows, bench.memory.rows.elements) {
            #expect(Self.isClose(kept.target, try row.number("target"), 1e-7), "row \(row.number)")
            let features = try (0..<10).map { try row.optionalNumber("x\($0)") }
            #expect(features.map { $0 == nil } == kept.features.map { $0 == nil }, "row \(row.number)")
        }
    }

    @Test("A comparison that finds nothing would be worth nothing: a tenth of a millionth is found")
    func sensitive() {
        #expect(!Self.isClose(1 + 1e-7, 1))
        #expect(!Self.isClose(1e-6 * (1 + 1e-7), 1e-6))
        #expect(Self.isClose(1 + 1e-10, 1))
        #expect(!Self.areClose([1, 2], [1, 2, 3]))
    }
}

// MARK: - Asking and learning

extension ReferenceStreamTests.Bench {
    mutating func answer(_ question: ReferenceStreamTests.Question, _ row: CSVFixture.Row) throws
        -> ReferenceStreamTests.Answer
    {
        let name = try row.text("pipeline")
        var stage = stages[name] ?? ReferenceStreamTests.Stage()
        stage.tool = try row.text("tool")
        let models = StepModels(
            records: stage.history.records.elements, priors: priors[stage.tool] ?? .shipped,
            referenceSeconds: question.referenceSeconds)
        stage.models = models
        stages[name] = stage
        func prediction(_ jobs: [Double]) -> MemoryPrediction {
            memory.prediction(
                for: question.chain,
                factors: jobs.map { models.memoryFactor(conditions: question.conditions, jobs: $0) },
                renormalised: stage.history.renormalisedPeaks(
                    for: question.chain, slopes: models.memory.coefficients, conditions: question.conditions, jobs: jobs
                ),
                expectation: .unstated(meanGiB: 0.4 * question.declaredGiB))
        }
        guard stage.history.runCount > 0 else {
            return ReferenceStreamTests.Answer(
                models: models, prediction: prediction([question.declared.jobs]), index: 0,
                candidate: question.declared, memoryGiB: question.declaredGiB)
        }
        let candidates = SearchSpace.candidates(near: stage.history.recentConfigurations, within: CandidateBounds())
        let memoryPrediction = prediction(candidates.map(\.jobs))
        let problem = DecisionProblem(
            candidates: candidates,
            durationRows: candidates.map {
                models.durationRow(
                    $0, workSeconds: models.expectedWorkSeconds(conditions: question.conditions, $0))
            },
            limits: DecisionProblem.risks(upTo: 0.02).map {
                ($0, memory.limits(for: memoryPrediction, risk: $0, capGiB: 64).blended)
            },
            objective: question.objective, prices: prices, banned: [])
        let decision = try #require(Decision(greedily: problem, duration: models.duration))
        let scores = problem.scores(theta: models.duration.coefficients)
        return ReferenceStreamTests.Answer(
            models: models, prediction: memoryPrediction, index: decision.chosen,
            candidate: candidates[decision.chosen], memoryGiB: decision.score.memoryGiB,
            candidateCount: candidates.count, value: decision.score.value,
            sumOfValues: scores.reduce(0) { $0 + $1.value }, sumOfMemory: scores.reduce(0) { $0 + $1.memoryGiB })
    }

    func ticket(_ answer: ReferenceStreamTests.Answer) -> MemoryTicket {
        memory.ticket(for: answer.prediction, candidate: answer.index, risk: 0.02, capGiB: 64)
    }

    func marginWeight(_ answer: ReferenceStreamTests.Answer) -> Double { memory.marginWeight(of: ticket(answer)) }

    /// Learns the recorded outcome, in the order of the reference.
    ///
    /// - Returns: what the drift watch found, in the fixture's words.
    mutating func learn(
        _ answer: ReferenceStreamTests.Answer, _ question: ReferenceStreamTests.Question, _ row: CSVFixture.Row
    ) throws -> String {
        let name = try row.text("pipeline")
        let peak = try row.number("peak")
        memory.observe(peak: peak, chain: question.chain, ticket: ticket(answer))
        let record = StepRecord(
            conditions: question.conditions, jobs: answer.candidate.jobs,
            timing: StepRecord.Timing(
                cores: answer.candidate.cores, wallSeconds: try row.number("wall"),
                workSeconds: try row.number("work_seconds")),
            peakGiB: peak, keys: Array(question.chain.ownKeys))
        var stage = try #require(stages[name])
        var findings: [DriftWatch.Finding] = []
        if stage.history.runCount >= DriftWatch.fewestRuns {
            findings = stage.drift.learn(
                DriftWatch.residuals(of: record, models: answer.models), runs: stage.history.runCount)
        }
        stage.history.append(record)
        stages[name] = stage
        runs += 1
        if runs % StepPriors.poolingInterval == 0 { pool() }
        return findings.map { "\($0.kind):\($0.quantity == .speed ? "slow" : $0.quantity.rawValue)" }.sorted()
            .joined(separator: " ")
    }

    private mutating func pool() {
        for (tool, stages) in Dictionary(grouping: stages.values, by: \.tool) {
            let summaries = stages.filter { $0.history.runCount >= StepSummary.fewestRuns }.compactMap { stage in
                stage.models.map {
                    StepSummary(
                        models: $0, runCount: stage.history.runCount, timedCount: stage.history.timedCount)
                }
            }
            if !summaries.isEmpty { priors[tool] = StepPriors(pooling: summaries) }
        }
    }
}

// MARK: - Comparing

extension ReferenceStreamTests {
    static func isClose(_ a: Double, _ b: Double, _ tolerance: Double = tolerance) -> Bool {
        // The smallest numbers of the stream that mean anything are a millionth of their unit.
        (a - b).magnitude <= tolerance * max(a.magnitude, b.magnitude, 1e-6)
    }

    /// Coefficients of one regression trade digits among each other, so the largest of them is the measure.
    static func areClose(_ a: [Double], _ b: [Double]) -> Bool {
        let scale = b.map(\.magnitude).max() ?? 0
        return a.count == b.count && zip(a, b).allSatisfy { ($0 - $1).magnitude <= tolerance * scale }
    }

    fileprivate static func compare(
        _ answer: Answer, _ question: Question, _ row: CSVFixture.Row, ticket: MemoryTicket, marginWeight: Double
    ) throws -> Bool {
        let models = answer.models
        let seconds = models.medianWorkSeconds(conditions: question.conditions, answer.candidate)
        let time = models.durationBreakdown(answer.candidate, workSeconds: seconds)
        let numbers: [(String, Double)] = [
            ("jobs", answer.candidate.jobs), ("cores", answer.candidate.cores), ("memory", answer.memoryGiB),
            ("utilisation", models.jobUtilisation), ("fixed_unit", models.fixedUnitSeconds),
            ("work_variance", models.work.variance), ("slope_variance", models.memory.variance),
            ("theta_variance", models.duration.variance),
            ("expected", ticket.expected), ("base", ticket.base), ("scale", ticket.scale),
            ("maximum", ticket.maximum), ("factor", ticket.factor),
            ("margin_limit", ticket.marginLimit), ("maximum_limit", ticket.maximumLimit),
            ("expected_work", models.expectedWorkSeconds(conditions: question.conditions, answer.candidate)),
            ("seconds", models.durationSeconds(answer.candidate, workSeconds: seconds)),
            ("candidates", Double(answer.candidateCount)), ("value", answer.value),
            ("sum_value", answer.sumOfValues), ("sum_memory", answer.sumOfMemory), ("margin_weight", marginWeight),
        ]
        var isSame = true
        for (name, value) in numbers {
            let reference = try row.number(name)
            let agrees = isClose(value, reference)
            #expect(agrees, "row \(row.number), \(name): \(value) is not \(reference)")
            isSame = isSame && agrees
        }
        // Parts of one duration share its digits.
        let parts: [(String, Double)] = [
            ("fixed", time.fixed), ("serial", time.serial), ("parallel", time.parallel),
            ("contention", time.contention), ("core_wait", time.waitingForCores),
        ]
        for (name, value) in parts {
            let reference = try row.number(name)
            let agrees = (value - reference).magnitude <= tolerance * time.total
            #expect(agrees, "row \(row.number), \(name): \(value) is not \(reference)")
            isSame = isSame && agrees
        }
        for (name, regression) in [("work", models.work), ("slope", models.memory), ("theta", models.duration)] {
            let reference = try row.numbers(name, regression.coefficients.count)
            let agrees = areClose(regression.coefficients, reference)
            #expect(agrees, "row \(row.number), \(name): \(regression.coefficients) is not \(reference)")
            isSame = isSame && agrees
        }
        return isSame
    }
}
