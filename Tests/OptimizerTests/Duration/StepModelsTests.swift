import Builds
import Testing

@testable import Optimizer

@Suite("Work and duration models")
struct StepModelsTests {
    static let conditions = BuildConditions(cacheState: .warm, branch: .feature, changedFiles: 6)

    static func record(
        jobs: Double = 4, cores: Double = 4, seconds: Double = 183.255, work: Double = 733, peak: Double = 2.5
    ) -> StepRecord {
        StepRecord(
            conditions: conditions, jobs: jobs,
            timing: StepRecord.Timing(cores: cores, wallSeconds: seconds, workSeconds: work), peakGiB: peak, keys: [])
    }

    @Test("One run moves all three models as specified")
    func vector() {
        let models = StepModels(records: [Self.record()], priors: .shipped, referenceSeconds: 200)
        #expect(agree(models.fixedUnitSeconds, 18.3255))
        #expect(models.jobUtilisation == 1.1)
        #expect(
            agree(
                models.duration.coefficients,
                [0.125922, 0, 0.026509, 0.103001, 0.157330, 0.266226, 0.438675, 0.003600]))
        #expect(agree(models.duration.variance, 0.002523))
        let seconds = [2, 4, 8, 16].map {
            models.durationSeconds(Candidate(jobs: $0, cores: $0), workSeconds: 733)
        }
        #expect(agree(seconds, [365.822, 189.026, 110.189, 78.225]))
        #expect(
            agree(models.work.coefficients, [6.558887, 1.2, 0.5, 0.3, 0.1, 0.119944, 0.029504, 0.01]))
        #expect(agree(models.work.variance, 0.074153))
        let work = [4, 8].map {
            models.expectedWorkSeconds(conditions: Self.conditions, Candidate(jobs: $0, cores: $0))
        }
        #expect(agree(work, [729.141, 746.781]))
        #expect(agree(Array(models.memory.coefficients.dropFirst()), [0.45, 0.25, 0.12, 0.2, 0.05, 0.050005]))
    }

    @Test("A build that scales perfectly is predicted within a quarter one octave further")
    func extrapolation() {
        let records = (0..<6).map { index in
            let cores = index.isMultiple(of: 2) ? 2.0 : 4.0
            return Self.record(jobs: cores, cores: cores, seconds: 800 / cores, work: 800)
        }
        let models = StepModels(records: records, priors: .shipped, referenceSeconds: 400)
        let seconds = models.durationSeconds(Candidate(jobs: 8, cores: 8), workSeconds: 800)
        #expect((100 / 1.1...100 * 1.25).contains(seconds), "\(seconds)")
    }

    @Test("A build that does not scale is not promised to")
    func serial() {
        let records = [1.0, 2, 4, 1, 2, 4, 2, 4].map {
            Self.record(jobs: $0, cores: $0, seconds: 300, work: 300)
        }
        let models = StepModels(records: records, priors: .shipped, referenceSeconds: 300)
        let seconds = models.durationSeconds(Candidate(jobs: 8, cores: 8), workSeconds: 300)
        #expect(seconds > 240, "\(seconds)")
    }

    @Test("Without any run the models are the prior")
    func noRuns() {
        let models = StepModels(records: [], priors: .shipped, referenceSeconds: 200)
        #expect(agree(models.work.coefficients, WorkModel.prior.mean))
        #expect(agree(models.duration.coefficients, ParallelismProfile.prior.mean))
        #expect(models.jobUtilisation == ParallelismProfile.usualJobUtilisation)
        #expect(models.fixedUnitSeconds == 20)
    }

    @Test("One run far from the others hardly moves the work model")
    func outlier() {
        let usual = (0..<12).map { _ in Self.record(work: 700) }
        let candidate = Candidate(jobs: 4, cores: 4)
        let without = StepModels(records: usual, priors: .shipped, referenceSeconds: 200)
        let with = StepModels(
            records: usual + [Self.record(work: 70_000)], priors: .shipped, referenceSeconds: 200)
        let ratio =
            with.medianWorkSeconds(conditions: Self.conditions, candidate)
            / without.medianWorkSeconds(conditions: Self.conditions, candidate)
        #expect(ratio < 1.6, "\(ratio)")
    }

    @Test("Steps of one tool pool their coefficients, shrunk towards what is shipped")
    func pooling() throws {
        let records = (0..<8).map { _ in Self.record(seconds: 60, work: 60) }
        let models = StepModels(records: records, priors: .shipped, referenceSeconds: 60)
        let summary = StepSummary(models: models, runCount: 8, timedCount: 8)
        let pooled = StepPriors(pooling: [summary, summary, summary])
        let own = models.work.coefficients[0]
        #expect(agree(pooled.work.mean[0], (own + WorkModel.prior.mean[0]) / 2))
        #expect(pooled.work.standardDeviation[0] < WorkModel.prior.standardDeviation[0])
        #expect(StepPriors(pooling: []) == .shipped)
        #expect(StepSummary(models: models, runCount: 5, timedCount: 5).work == nil)
    }
}
