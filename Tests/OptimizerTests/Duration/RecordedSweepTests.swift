import Testing

@testable import Optimizer

/// Real projects built at several `-j`, as `Benchmarks/sweeps` recorded them.
@Suite("Sweeps of real projects")
struct RecordedSweepTests {
    /// The medians of some builds of one project with the same number of jobs.
    struct Point {
        var jobs: Double
        var wallSeconds: Double
        var cpuSeconds: Double
        var peakGiB: Double
    }

    struct Sweep {
        var workload: String
        var cores: Double
        var points: [Point]

        /// Every point with the one at twice its jobs.
        var octaves: [(one: Point, next: Point)] {
            points.compactMap { one in points.first { $0.jobs == 2 * one.jobs }.map { (one, $0) } }
        }

        /// What a step is taken to be after `points` were its only runs.
        func models(after points: [Point]) -> StepModels {
            StepModels(
                records: points.map {
                    StepModelsTests.record(
                        jobs: $0.jobs, cores: min($0.jobs, cores), seconds: $0.wallSeconds, work: $0.cpuSeconds,
                        peak: $0.peakGiB)
                }, priors: .shipped, referenceSeconds: points.first?.wallSeconds ?? 0)
        }

        /// Share by which the time predicted at `next` is off, after runs at `points`.
        func durationError(at next: Point, after points: [Point]) -> Double {
            let models = models(after: points)
            let candidate = Candidate(jobs: next.jobs, cores: min(next.jobs, cores))
            let work = models.medianWorkSeconds(conditions: StepModelsTests.conditions, candidate)
            return (models.durationSeconds(candidate, workSeconds: work) / next.wallSeconds - 1).magnitude
        }
    }

    static func sweeps() throws -> [Sweep] {
        try Dictionary(grouping: CSVFixture("recorded-sweeps").rows) { try? $0.text("workload") }.values.map { rows in
            Sweep(
                workload: try rows[0].text("workload"), cores: try rows[0].number("cores"),
                points: try rows.map {
                    Point(
                        jobs: try $0.number("jobs"), wallSeconds: try $0.number("wall_s"),
                        cpuSeconds: try $0.number("cpu_s"), peakGiB: try $0.number("peak_mem_gib"))
                }.sorted { $0.jobs < $1.jobs })
        }
    }

    private static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

    @Test("Projects that scale, that do not, that need memory and that test are among them")
    func variety() throws {
        let sweeps = try Self.sweeps()
        #expect(sweeps.count >= 5)
        let gains = try sweeps.map { sweep in
            try #require(sweep.points.first).wallSeconds / (sweep.points.map(\.wallSeconds).min() ?? 1)
        }
        #expect(gains.contains { $0 > 1.8 } && gains.contains { $0 < 1.1 }, "\(gains)")
        #expect(sweeps.contains { $0.points.contains { $0.peakGiB > 1 } })
        #expect(sweeps.contains { $0.workload.contains("tests") })
    }

    @Test("After one run the next octave is off by at most 16 % on average")
    func nextOctave() throws {
        let octaves = try Self.sweeps().flatMap { sweep in sweep.octaves.map { (sweep, $0.one, $0.next) } }
        #expect(octaves.count >= 10)
        let errors = octaves.map { sweep, one, next in sweep.durationError(at: next, after: [one]) }
        #expect(
            Self.mean(errors) <= 0.16, "\(zip(octaves.map { "\($0.0.workload) -j\($0.1.jobs)" }, errors).map { $0 })")
        // Who guesses that nothing changes must be further off.
        let unchanged = octaves.map { _, one, next in (one.wallSeconds / next.wallSeconds - 1).magnitude }
        #expect(Self.mean(errors) < Self.mean(unchanged))
    }

    @Test("A project that does not scale is found out after its second run")
    func secondRun() throws {
        let sweep = try #require(try Self.sweeps().first { $0.workload.contains("does not scale") })
        let last = try #require(sweep.points.last)
        let first = sweep.durationError(at: last, after: [sweep.points[0]])
        let second = sweep.durationError(at: last, after: Array(sweep.points[..<2]))
        #expect(second < 0.6 * first, "\(first) and then \(second)")
    }
}
