import Builds

extension SQLSession {
    /// Reads what the database has of the runs and steps that `batch` names. Most often that is nothing: new runs have
    /// no steps, and one statement asks for many runs.
    func load(
        into ledger: inout BatchLedger, whatTouches batch: ArraySlice<PreparedEntry>, _ tenant: TenantID
    ) throws {
        var runs: Set<RowName> = []
        var wholeRuns: Set<RowName> = []
        // Events of a run come one after the other.
        var newest: RowName?
        for entry in batch {
            switch entry.content {
            case .startRun(let run): runs.insert(run.id)
            case .startStep(let step), .stopStep(let step):
                if newest != step.run { runs.insert(step.run) }
                newest = step.run
            case .completeRun(let id, _): runs.insert(id)
            case .wholeRun(let run, _, _):
                runs.insert(run.id)
                wholeRuns.insert(run.id)
            case .refused, .unusual: break
            }
        }
        let owner = [SQLValue.text(tenant.rawValue)]
        for row in try rows(BatchStatements.runs, owner, runs) { ledger.enter(try row.knownRun()) }
        let compared = wholeRuns.filter(ledger.knows)
        for row in try rows(BatchStatements.stepsOfRuns, owner, compared) { ledger.enter(try row.knownStep()) }

        var spans: [RowName: Set<RowName>] = [:]
        for entry in batch where ledger.knowsAny {
            switch entry.content {
            case .startStep(let step), .stopStep(let step):
                if ledger.knows(step.run), !compared.contains(step.run) {
                    spans[step.run, default: []].insert(step.span)
                }
            default: break
            }
        }
        for (run, spans) in spans {
            for row in try rows(BatchStatements.steps, owner + [.text(run.text)], spans) {
                ledger.enter(try row.knownStep())
            }
        }
    }

    /// The rows that `names` name, some to a statement; what is left over is filled up with the last.
    private func rows(
        _ statements: [(size: Int, statement: String)], _ leading: [SQLValue], _ names: Set<RowName>
    ) throws -> [SQLRow] {
        var found: [SQLRow] = []
        var rest = names.map { SQLValue.text($0.text) }[...]
        while let last = rest.last {
            guard let (size, statement) = statements.last(where: { $0.size >= rest.count }) ?? statements.first else {
                break
            }
            let page = rest.prefix(size)
            let filling = Array(repeating: last, count: size - page.count)
            found += try rows(statement, leading + page + filling)
            rest = rest.dropFirst(size)
        }
        return found
    }

    /// Writes what `ledger` adds. Nothing of it can fail to fit: it was judged by what is there.
    func write(_ ledger: BatchLedger, _ tenant: TenantID) throws {
        let owner = SQLValue.text(tenant.rawValue)
        let (runs, steps, completions) = try takeNumbers(for: ledger, owner)
        var newRuns = RowBuffer(.runs, rows: ledger.newRuns.count)
        for run in ledger.newRuns {
            newRuns.append(tenant.rawValue)
            newRuns.append(run.id.text)
            for value in run.told { newRuns.append(value) }
            newRuns.append(run.startedAt)
            newRuns.append(runs + (run.newPlace ?? 0))
            for value in run.completion ?? [.null, .null, .null] { newRuns.append(value) }
            newRuns.append(run.completion == nil ? nil : completions + run.completionPlace)
        }
        try insert(newRuns)
        var newSteps = RowBuffer(.steps, rows: ledger.newSteps.count)
        for step in ledger.newSteps {
            newSteps.append(tenant.rawValue)
            newSteps.append(step.told.run.text)
            newSteps.append(step.told.span.text)
            newSteps.append(step.told.stage)
            newSteps.append(step.told.step)
            newSteps.append(step.told.startedAt)
            newSteps.append(steps + (step.newPlace ?? 0))
            newSteps.append(step.stop?.stoppedAt)
            if let stop = step.stop { newSteps.append(stop.content) } else { newSteps.append(.null) }
        }
        try insert(newSteps)
        let stops = ledger.stops.map { step in
            RowWrite(
                kind: .stepStop, tenant: tenant,
                values: [
                    owner, .text(step.told.run.text), .text(step.told.span.text), .text(step.told.stage),
                    .text(step.told.step),
                    .integer(step.stop?.stoppedAt ?? 0), .text(step.stop?.content ?? ""),
                ])
        }
        var changes = RowWrite.Kind.stepStop.changes(stops) { _ in 0 }
        changes += ledger.completions.map { run in
            ExpectedChange(
                statement: SQLStatement(
                    text: RunStatements.complete,
                    values: (run.completion ?? [])
                        + [.integer(completions + run.completionPlace), owner, .text(run.id.text)]),
                rows: 1)
        }
        guard try executeAll(changes.map(\.statement)).map(\.changed) == changes.map(\.rows) else {
            throw StoreError.unavailable("The database did not write rows that fit.")
        }
    }

    /// The numbers below the first of new runs, steps and completions.
    private func takeNumbers(
        for ledger: BatchLedger, _ owner: SQLValue
    ) throws -> (runs: Int64, steps: Int64, completions: Int64) {
        let counts: [(TenantCounter, Int64)] = [
            (.runs, Int64(ledger.newRuns.count)), (.steps, Int64(ledger.newSteps.count)),
            (.completions, ledger.completionCount),
        ]
        let needed = counts.filter { $0.1 > 0 }
        let changes = needed.map { counter, count in
            SQLStatement(text: TenantStatements.take(counter), values: [.integer(count), owner])
        }
        var taken = try executeAll(changes)
        if taken.contains(where: { $0.rows.isEmpty }) {
            try execute(TenantStatements.insert, [owner])
            taken = try executeAll(changes)
        }
        var below: [TenantCounter: Int64] = [:]
        for ((counter, count), outcome) in zip(needed, taken) {
            guard let row = outcome.rows.first else {
                throw StoreError.unavailable("The database gave no numbers for new rows.")
            }
            below[counter] = try row.integer(0) - count
        }
        return (below[.runs] ?? 0, below[.steps] ?? 0, below[.completions] ?? 0)
    }
}

extension SQLRow {
    /// Reads the columns of ``BatchStatements/runs``.
    fileprivate func knownRun() throws -> BatchLedger.KnownRun {
        BatchLedger.KnownRun(
            id: RowName(try text(0)), told: Array(values[1...4]), startedAt: try integer(5), newPlace: nil,
            completion: try isNull(6) ? nil : Array(values[6...8]))
    }

    /// Reads the columns of ``BatchStatements/steps``.
    fileprivate func knownStep() throws -> BatchLedger.KnownStep {
        let stop = try isNull(5) ? nil : StepTold.Stop(stoppedAt: integer(5), content: text(6))
        return BatchLedger.KnownStep(
            StepTold(
                run: RowName(try text(0)), span: RowName(try text(1)), stage: try text(2), step: try text(3),
                startedAt: try integer(4), stop: stop),
            newPlace: nil, stop: stop)
    }
}
