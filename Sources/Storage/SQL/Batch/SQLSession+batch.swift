import Builds

extension SQLSession {
    /// Writes entries in order and says of each how it ended.
    ///
    /// - Throws: ``StoreError/unavailable(_:)``.
    func write(_ batch: ArraySlice<PreparedEntry>, _ tenant: TenantID) throws -> [Result<WriteResult, StoreError>] {
        var results: [Result<WriteResult, StoreError>] = []
        results.reserveCapacity(batch.count)
        var rest = batch
        while let first = rest.first {
            if case .unusual = first.content {
                results.append(try writeAlone(first.entry, tenant))
                rest = rest.dropFirst()
                continue
            }
            let usual = rest.prefix { if case .unusual = $0.content { false } else { true } }
            do {
                results += try savepoint { try writeTogether(usual, tenant) }
            } catch let error as StoreError where !error.isUnavailable {
                // One row is to blame, and the database does not say which.
                for entry in usual { results.append(try writeAlone(entry.entry, tenant)) }
            }
            rest = rest[usual.endIndex...]
        }
        return results
    }

    /// - Throws: ``StoreError/conflict(_:)`` when the database refuses a row that the ledger let through;
    ///   ``StoreError/unavailable(_:)``.
    private func writeTogether(
        _ batch: ArraySlice<PreparedEntry>, _ tenant: TenantID
    ) throws -> [Result<WriteResult, StoreError>] {
        var ledger = BatchLedger()
        try load(into: &ledger, whatTouches: batch, tenant)
        let results = batch.map { ledger.judge($0.content) }
        try write(ledger, tenant)
        return results
    }

    /// The way of the single writes.
    private func writeAlone(_ entry: BatchEntry, _ tenant: TenantID) throws -> Result<WriteResult, StoreError> {
        do {
            return .success(
                try savepoint {
                    switch entry {
                    case .startRun(let run): try start(run, tenant)
                    case .startStep(let step): try start(step, tenant)
                    case .stopStep(let step, let stop): try self.stop(step, with: stop, tenant)
                    case .observe(let observation): try observe(observation, tenant)
                    case .completeRun(let id, let completion): try complete(id, with: completion, tenant)
                    case .wholeRun(let run, let steps):
                        if try isKnown(run.id, tenant) {
                            try unchanged { _ = try ingest(run, steps: steps, tenant) }
                        } else {
                            try written { _ = try ingest(run, steps: steps, tenant) }
                        }
                    }
                })
        } catch let error as StoreError where !error.isUnavailable {
            return .failure(error)
        }
    }

    private func isKnown(_ id: RunID, _ tenant: TenantID) throws -> Bool {
        do {
            try checkExists(id, tenant)
            return true
        } catch StoreError.unknownRun {
            return false
        }
    }

    private func unchanged(_ body: () throws -> Void) rethrows -> WriteResult {
        try body()
        return .unchanged
    }

    private func written(_ body: () throws -> Void) rethrows -> WriteResult {
        try body()
        return .written
    }
}
