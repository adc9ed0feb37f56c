import Builds

extension SQLStore {
    /// Rows per transaction. The writer is held for some tens of milliseconds by them, and a wait for the disk is small
    /// beside that.
    static let rowsPerTransaction = 4000

    public func write(_ batch: [BatchEntry], tenant: TenantID) async throws -> [Result<WriteResult, StoreError>] {
        var results: [Result<WriteResult, StoreError>] = []
        results.reserveCapacity(batch.count)
        let groups = Self.groups(batch)
        var prepared = groups.first.map { $0.map(PreparedEntry.init) } ?? []
        for place in groups.indices {
            let ready = prepared
            // The next group is made ready on another core while this one is written.
            async let next = place + 1 < groups.count ? groups[place + 1].map(PreparedEntry.init) : []
            results += try await writeLarge { try $0.write(ready[...], tenant) }
            prepared = await next
        }
        return results
    }

    /// Cuts a batch into what one transaction takes.
    private static func groups(_ batch: [BatchEntry]) -> [ArraySlice<BatchEntry>] {
        var groups: [ArraySlice<BatchEntry>] = []
        var start = 0
        var rows = 0
        for (place, entry) in batch.enumerated() {
            if rows > 0, rows + entry.rows > rowsPerTransaction {
                groups.append(batch[start..<place])
                (start, rows) = (place, 0)
            }
            rows += entry.rows
        }
        if start < batch.count { groups.append(batch[start...]) }
        return groups
    }
}

extension BatchEntry {
    /// Rows it may write.
    fileprivate var rows: Int {
        if case .wholeRun(_, let steps) = self { steps.count + 1 } else { 1 }
    }
}
