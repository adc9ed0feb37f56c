import Testing

@testable import Optimizer

/// Published times of one build at several `-j`; the last column of the fixture says where each comes from.
@Suite("Recorded -j sweeps")
struct ParallelismSweepTests {
    struct Point {
        var jobs: Double
        var seconds: Double
    }

    /// A sweep and the cores of its machine, as far as they bind.
    struct Sweep {
        var points: [Point]
        var cores: Double

        /// The sources do not tell CPU time; the fewest jobs of a sweep keep all their cores busy.
        var workSeconds: Double {
            points.min { $0.jobs < $1.jobs }.map { $0.seconds * min($0.jobs, cores) } ?? 0
        }
    }

    static func sweeps() throws -> [Sweep] {
        let rows = try CSVFixture("parallelism-sweeps").rows
        return try Dictionary(grouping: rows) { try? $0.text("workload") }.values.map { rows in
            Sweep(
                points: try rows.map { Point(jobs: try $0.number("jobs"), seconds: try $0.number("wall_s")) },
                cores: try rows[0].text("machine").hasPrefix("3 cores") ? 3 : 64)
        }
    }

    /// Share by which the predicted next octave is off after one run, for every pair of points an octave apart.
    static func errors() throws -> [Double] {
        try sweeps().flatMap { sweep in
            sweep.points.compactMap { point in
                sweep.points.first { $0.jobs == 2 * point.jobs }.map { next in
                    let models = StepModels(
                        records: [
                            StepModelsTests.record(
                                jobs: point.jobs, cores: min(point.jobs, sweep.cores), seconds: point.seconds,
                                work: sweep.workSeconds)
                        ], priors: .shipped, referenceSeconds: point.seconds)
                    let candidate = Candidate(jobs: next.jobs, cores: min(next.jobs, sweep.cores))
                    let work = models.medianWorkSeconds(conditions: StepModelsTests.conditions, candidate)
                    let predicted = models.durationSeconds(candidate, workSeconds: work)
                    return (predicted / next.seconds - 1).magnitude
                }
            }
        }
    }

    @Test("After one run the next octave is off by at most 16 % on average")
    func nextOctave() throws {
        let errors = try Self.errors()
        #expect(errors.count == 7)
        let mean = errors.reduce(0, +) / Double(errors.count)
        #expect(mean <= 0.16, "\(mean): \(errors)")
        // A comparison with the halved or the unchanged time must be worse, or the model is worth nothing.
        let naive = try Self.sweeps().flatMap { sweep in
            sweep.points.compactMap { point in
                sweep.points.first { $0.jobs == 2 * point.jobs }.map { (point.seconds / $0.seconds - 1).magnitude }
            }
        }
        #expect(mean < naive.reduce(0, +) / Double(naive.count))
    }
}
