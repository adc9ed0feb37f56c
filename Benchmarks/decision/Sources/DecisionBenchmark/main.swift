// What deciding and learning cost.
//
//     swift run -c release --package-path Benchmarks/decision DecisionBenchmark [LIB_LIGHTGBM.SO] [--decisions]
//
// `--decisions` stops after the decisions, to be run under a profiler.
// Times are CPU time of the one thread that works. Ends with 1 when a bound is missed.
import Builds
import Foundation
import Optimizer

let arguments = CommandLine.arguments.dropFirst()
let library = try arguments.first { $0 != "--decisions" }.map { try LightGBM(path: $0) }
var areKept = true
@MainActor func report(_ name: String, _ value: Double, atMost bound: Double, _ unit: String) {
    let finding = Finding(name: name, value: value, bound: bound, unit: unit)
    finding.printLine()
    areKept = areKept && finding.isKept
}

/// A recommender that knows `steps` steps with `runs` runs each.
func recommender(steps: Int, runs: Int, fleet: inout Fleet, pipeline: String = "p") -> Recommender {
    var recommender = Recommender(configuration: OptimizerConfiguration())
    fill(&recommender, steps: 0..<steps, runs: runs, fleet: &fleet, pipeline: pipeline)
    return recommender
}

/// Adds runs of steps.
func fill(_ recommender: inout Recommender, steps: Range<Int>, runs: Int, fleet: inout Fleet, pipeline: String = "p") {
    for run in 0..<runs {
        for step in steps {
            let identity = StepIdentity(pipeline: "\(pipeline)\(step)", stage: "build", step: "compile\(step)")
            let settings = Settings(jobs: 4 + run % 5, cpuMillicores: 4000 + 1000 * (run % 3))
            recommender.observe(
                fleet.outcome(of: identity, settings: settings, context: fleet.context()), ticket: nil)
        }
    }
}

/// CPU milliseconds of single recommendations, sorted; `learning` makes each follow a run of its step.
func decisions(
    _ recommender: inout Recommender, count: Int, fleet: inout Fleet, learning: Bool,
    step: (Int) -> StepIdentity
) -> [Double] {
    (0..<count).map { index in
        let identity = step(index)
        let request = OptimizationRequest(target: identity, context: fleet.context())
        if learning {
            recommender.observe(
                fleet.outcome(
                    of: identity, settings: Settings(jobs: 4 + index % 5, cpuMillicores: 6000),
                    context: fleet.context()), ticket: nil)
        }
        return 1e3
            * Meter.cpuSeconds {
                _ = recommender.recommend(request, id: "b", now: Fleet.start, using: &fleet.generator)
            }
    }.sorted()
}

var fleet = Fleet()
let known = { (index: Int) in
    StepIdentity(pipeline: "p\(index % 10)", stage: "build", step: "compile\(index % 10)")
}

// Ten steps with 200 runs each: what a decision reads is full.
var tenant = recommender(steps: 10, runs: 200, fleet: &fleet)
_ = decisions(&tenant, count: 200, fleet: &fleet, learning: true, step: known)
let warm = decisions(&tenant, count: 5000, fleet: &fleet, learning: false, step: known)
report("decision, 200 runs of history, median", warm[warm.count / 2], atMost: 0.3, "ms")
report("decision, 200 runs of history, mean", warm.reduce(0, +) / Double(warm.count), atMost: 0.3, "ms")
let afterRuns = decisions(&tenant, count: 1000, fleet: &fleet, learning: true, step: known)
report("decision right after a run, mean", afterRuns.reduce(0, +) / Double(afterRuns.count), atMost: 0.3, "ms")
if arguments.contains("--decisions") { exit(areKept ? 0 : 1) }
var learnt = 0
let learning = Meter.cpuSeconds {
    for index in 0..<500 {
        tenant.observe(
            fleet.outcome(of: known(index), settings: Settings(jobs: 6, cpuMillicores: 6000), context: fleet.context()),
            ticket: nil)
        learnt += 1
    }
}
print("       learning one run: \(((1e6 * learning / Double(learnt)).rounded()) / 1e3) ms")

let cold = decisions(&tenant, count: 500, fleet: &fleet, learning: false) { index in
    StepIdentity(pipeline: "never seen \(index)", stage: "build", step: "compile")
}
report("cold step, largest of 500", cold[cold.count - 1], atMost: 5, "ms")

// Trees: 10,000 rows are as many as are kept.
if let library {
    var large = recommender(steps: 50, runs: 200, fleet: &fleet, pipeline: "t")
    let set = large.trainingSet()
    var model: MemoryTreeModel?
    let training = try Meter.cpuSeconds { model = try ModelTrainer.train(set, version: "b", library: library) }
    report("LightGBM refit of \(set.count) rows", training, atMost: 0.5, "s")
    large.install(model)
    for explains in [false, true] {
        large.configuration.explainsLearnedPart = explains
        let treed = decisions(&large, count: 1000, fleet: &fleet, learning: false) { index in
            StepIdentity(pipeline: "t\(index % 50)", stage: "build", step: "compile\(index % 50)")
        }
        let mean = treed.reduce(0, +) / Double(treed.count)
        if explains {
            print("       the same, and what the trees go by: \((mean * 1000).rounded() / 1000) ms")
        } else {
            report("decision with trees, mean", mean, atMost: 0.3, "ms")
        }
    }
} else {
    print("       LightGBM: not measured, name its library to do so")
}

// Memory: what each further step with 200 runs adds, once what all steps share is full (10,000 rows for the trees).
tenant = Recommender(configuration: OptimizerConfiguration())
fill(&tenant, steps: 0..<60, runs: 200, fleet: &fleet)
let allocated = Meter.allocatedBytes()
fill(&tenant, steps: 60..<120, runs: 200, fleet: &fleet)
let perStep = (Meter.allocatedBytes() - allocated) / 60
report("one step in use", perStep / 1024, atMost: 32, "KiB")
let shared = allocated - 60 * perStep
print("       what all steps share: \((shared / 1_048_576 * 10).rounded() / 10) MiB, this program included")

// A tenant that has known 100,000 steps.
var crowd = Recommender(configuration: OptimizerConfiguration())
let perRun = Meter.cpuSeconds {
    for index in 0..<200_000 {
        let step = StepIdentity(pipeline: "c\(index / 2 % 20_000)", stage: "build", step: "s\(index / 40_000)")
        crowd.observe(
            fleet.outcome(of: step, settings: Settings(jobs: 4, cpuMillicores: 4000), context: fleet.context()),
            ticket: nil)
    }
}
report("resident with 100,000 known steps", Meter.residentBytes() / 1_048_576, atMost: 256, "MiB")
report("the same, were all 5,000 steps at hand full", (shared + perStep * 5000) / 1_048_576, atMost: 256, "MiB")
// One of those that were put aside: its newest lessons as the store keeps them, read, told, and decided upon.
let aside = StepIdentity(pipeline: "c0", stage: "build", step: "s0")
precondition(crowd.isParked(aside))
let told = try (0..<Recommender.lessonsPerRecall).map { _ in
    let outcome = fleet.outcome(
        of: aside, settings: Settings(jobs: 4, cpuMillicores: 4000), context: fleet.context())
    let ticket = crowd.ticket(for: outcome, offered: nil)
    return (outcome: try JSONEncoder().encode(outcome), ticket: try JSONEncoder().encode(ticket))
}
let brought = try (0..<100).map { _ in
    let request = OptimizationRequest(target: aside, context: fleet.context())
    return try 1e3
        * Meter.cpuSeconds {
            let lessons = try told.map { lesson in
                PastLesson(
                    outcome: try JSONDecoder().decode(Outcome.self, from: lesson.outcome),
                    ticket: try JSONDecoder().decode(Ticket.self, from: lesson.ticket))
            }
            _ = crowd.recommend(
                request, recalling: [aside: lessons], id: "b", now: Fleet.start, using: &fleet.generator)
        }
}.sorted()
report("a step put aside, brought back to be asked about, median", brought[brought.count / 2], atMost: 5, "ms")
print("       learning among 100,000 steps: \(((1e6 * perRun / 200_000).rounded()) / 1e3) ms a run")
_ = crowd.observedCount

exit(areKept ? 0 : 1)
