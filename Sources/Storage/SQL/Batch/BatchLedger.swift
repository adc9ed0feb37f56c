import Builds

/// What the database knows of the runs and steps a batch touches, and what the batch adds: every entry is judged here,
/// by the rules of the single writes, before anything is written.
///
/// The writer is alone with the database, so what was read stays true until the batch is written.
struct BatchLedger {
    /// A run: there already, or new in this batch.
    final class KnownRun {
        let id: RowName
        let told: [SQLValue]
        let startedAt: Int64
        /// Its place among the new runs, from 1; `nil` when it was there before.
        let newPlace: Int64?
        /// Status, duration, and the rest.
        var completion: [SQLValue]?
        /// Place among the completions of this batch, from 1; 0 when it was complete before or is not.
        var completionPlace: Int64 = 0
        var steps: [RowName: KnownStep] = [:]

        init(id: RowName, told: [SQLValue], startedAt: Int64, newPlace: Int64?, completion: [SQLValue]? = nil) {
            self.id = id
            self.told = told
            self.startedAt = startedAt
            self.newPlace = newPlace
            self.completion = completion
        }
    }

    /// A step: there already, or new in this batch.
    final class KnownStep {
        /// As it began.
        let told: StepTold
        /// Its place among the new steps, from 1; `nil` when it was there before.
        let newPlace: Int64?
        var stop: StepTold.Stop?

        init(_ told: StepTold, newPlace: Int64?, stop: StepTold.Stop?) {
            self.told = told
            self.newPlace = newPlace
            self.stop = stop
        }
    }

    private var runs: [RowName: KnownRun] = [:]
    /// The run that was asked for last: events of a run come one after the other.
    private var newest: KnownRun?
    /// What is to be written.
    private(set) var newRuns: [KnownRun] = []
    private(set) var newSteps: [KnownStep] = []
    /// Completions of runs that were there before.
    private(set) var completions: [KnownRun] = []
    /// Stops of steps that were there before.
    private(set) var stops: [KnownStep] = []
    private(set) var completionCount: Int64 = 0

    /// Enters a run the database has.
    mutating func enter(_ run: KnownRun) { runs[run.id] = run }

    func knows(_ run: RowName) -> Bool { runs[run] != nil }

    var knowsAny: Bool { !runs.isEmpty }

    /// Enters a step the database has.
    mutating func enter(_ step: KnownStep) { runs[step.told.run]?.steps[step.told.span] = step }
}

extension BatchLedger {
    /// How the write `content` ends, given all before it.
    mutating func judge(_ content: PreparedEntry.Content) -> Result<WriteResult, StoreError> {
        do throws(StoreError) {
            switch content {
            case .startRun(let run): return .success(try start(run))
            case .startStep(let step): return .success(try start(step))
            case .stopStep(let step): return .success(try stop(step))
            case .completeRun(let id, let values): return .success(try complete(id, values))
            case .wholeRun(let run, let steps, let completion):
                return .success(try ingest(run, steps, completion))
            case .refused(let error): throw error
            case .unusual: throw .unavailable("An unusual entry was taken for a usual one.")
            }
        } catch {
            return .failure(error)
        }
    }

    private mutating func start(_ run: RunTold) throws(StoreError) -> WriteResult {
        if let known = runs[run.id] {
            guard known.told == run.told else {
                throw .conflict("Run '\(run.id.text)' was already started with other content.")
            }
            return .unchanged
        }
        let known = KnownRun(
            id: run.id, told: run.told, startedAt: run.startedAt, newPlace: Int64(newRuns.count + 1))
        runs[run.id] = known
        newRuns.append(known)
        return .written
    }

    private mutating func find(_ id: RowName) -> KnownRun? {
        if newest?.id != id { newest = runs[id] }
        return newest
    }

    private mutating func start(_ step: StepTold) throws(StoreError) -> WriteResult {
        guard let run = find(step.run) else { throw .unknownRun(step.run.text) }
        return try start(step, in: run)
    }

    private mutating func start(_ step: StepTold, in run: KnownRun) throws(StoreError) -> WriteResult {
        if let known = run.steps[step.span] {
            guard known.isStart(step) else {
                throw .conflict(
                    "The step with span '\(step.span.text)' of run '\(step.run.text)' was already started with other content."
                )
            }
            return .unchanged
        }
        let known = KnownStep(step, newPlace: Int64(newSteps.count + 1), stop: nil)
        run.steps[step.span] = known
        newSteps.append(known)
        return .written
    }

    private mutating func stop(_ step: StepTold) throws(StoreError) -> WriteResult {
        guard let run = find(step.run) else { throw .unknownRun(step.run.text) }
        guard let known = run.steps[step.span] else { throw .unknownStep(step.span.text) }
        return try stop(step, of: known)
    }

    private mutating func stop(_ step: StepTold, of known: KnownStep) throws(StoreError) -> WriteResult {
        guard let stop = step.stop else { return .unchanged }
        guard known.told.stage == step.stage, known.told.step == step.step else {
            throw .conflict(
                "The step with span '\(step.span.text)' of run '\(step.run.text)' started as '\(known.told.step)' of stage "
                    + "'\(known.told.stage)'; its stop must name the same.")
        }
        guard stop.stoppedAt >= known.told.startedAt else { throw .stopBeforeStart(step.span.text) }
        if let before = known.stop {
            guard before.stoppedAt == stop.stoppedAt, before.content == stop.content else {
                throw .conflict(
                    "The step with span '\(step.span.text)' of run '\(step.run.text)' was already stopped with other content."
                )
            }
            return .unchanged
        }
        known.stop = stop
        if known.newPlace == nil { stops.append(known) }
        return .written
    }

    private mutating func complete(_ id: RowName, _ told: [SQLValue]) throws(StoreError) -> WriteResult {
        guard let known = runs[id] else { throw .unknownRun(id.text) }
        if let before = known.completion {
            guard before == told else {
                throw .conflict("Run '\(id.text)' was already completed with other content.")
            }
            return .unchanged
        }
        completionCount += 1
        known.completion = told
        known.completionPlace = completionCount
        if known.newPlace == nil { completions.append(known) }
        return .written
    }
}

extension BatchLedger {
    private mutating func ingest(
        _ run: RunTold, _ steps: [StepTold], _ completion: [SQLValue]?
    ) throws(StoreError) -> WriteResult {
        if let known = runs[run.id] {
            try compare(run, steps, completion, with: known)
            return .unchanged
        }
        let stepsBefore = newSteps.count
        _ = try start(run)
        guard let known = runs[run.id] else { throw .unknownRun(run.id.text) }
        known.steps.reserveCapacity(steps.count)
        do throws(StoreError) {
            for step in steps {
                _ = try start(step, in: known)
                if step.stop != nil, let begun = known.steps[step.span] { _ = try stop(step, of: begun) }
            }
        } catch {
            // Nothing of it is kept, and nothing else could have touched a run this new.
            newSteps.removeSubrange(stepsBefore...)
            newRuns.removeLast()
            runs[run.id] = nil
            newest = nil
            throw error
        }
        if let completion { _ = try complete(run.id, completion) }
        return .written
    }

    /// A whole run that comes again: every part must be there as it is told, and none may be missing.
    private mutating func compare(
        _ run: RunTold, _ steps: [StepTold], _ completion: [SQLValue]?, with known: KnownRun
    ) throws(StoreError) {
        _ = try start(run)
        let other = StoreError.conflict("Run '\(run.id.text)' was already recorded with other content.")
        for step in steps {
            guard let before = known.steps[step.span] else { throw other }
            _ = try start(step, in: known)
            guard let stop = step.stop else { continue }
            if before.stop == nil {
                guard stop.stoppedAt >= before.told.startedAt else { throw StoreError.stopBeforeStart(step.span.text) }
                throw other
            }
            _ = try self.stop(step, of: before)
        }
        if let completion {
            if known.completion == nil { throw other }
            _ = try complete(run.id, completion)
        }
        let spans = Set(steps.map(\.span))
        let stopped = Set(steps.filter { $0.stop != nil }.map(\.span))
        guard (known.completion == nil) == (completion == nil), known.steps.count == spans.count,
            known.steps.values.count(where: { $0.stop != nil }) == stopped.count
        else { throw other }
    }
}

extension BatchLedger.KnownStep {
    fileprivate func isStart(_ again: StepTold) -> Bool {
        told.stage == again.stage && told.step == again.step && told.startedAt == again.startedAt
    }
}
