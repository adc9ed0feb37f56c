import Builds
import Contract
import Storage

/// What became of a batch: the answer, and what changed, for metrics.
public struct BatchOutcome: Hashable, Sendable {
    public var answer = BatchAnswer()
    public var runsStarted = 0
    public var stepsStarted = 0
    public var stepsStopped = 0
    public var stepsObserved = 0
    /// Runs that are over since, by how they ended.
    public var runsCompleted: [RunStatus: Int] = [:]
    /// New runs that go on without the settings they asked for, by reason.
    public var failOpens: [FailOpen: Int] = [:]
    /// Refused lines by the HTTP status they would have had alone.
    public var refusals: [Int: Int] = [:]

    public init() {}

    mutating func count(_ block: ReadBlock, _ results: ArraySlice<Result<WriteResult, StoreError>>) {
        var problems = block.problems
        answer.refused += problems.count
        for problem in problems { refusals[problem.status, default: 0] += 1 }
        for ((entry, line), result) in zip(zip(block.entries, block.lines), results) {
            switch result {
            case .success(.written):
                answer.accepted += 1
                count(entry)
            case .success(.unchanged): answer.unchanged += 1
            case .failure(let error):
                answer.refused += 1
                let problem = LineProblem(line, error, entry)
                refusals[problem.status, default: 0] += 1
                if answer.problems.count < Bounds.listedProblems { problems.append(problem) }
            }
        }
        let room = Bounds.listedProblems - answer.problems.count
        answer.problems += problems.sorted { $0.line < $1.line }.prefix(room)
    }

    private mutating func count(_ entry: BatchEntry) {
        switch entry {
        case .startRun(let run):
            runsStarted += 1
            if let reason = run.failOpen { failOpens[reason, default: 0] += 1 }
        case .startStep: stepsStarted += 1
        case .stopStep: stepsStopped += 1
        case .observe: stepsObserved += 1
        case .completeRun(_, let completion): runsCompleted[completion.status, default: 0] += 1
        case .wholeRun(let run, _):
            if let completion = run.completion { runsCompleted[completion.status, default: 0] += 1 }
        }
    }
}
