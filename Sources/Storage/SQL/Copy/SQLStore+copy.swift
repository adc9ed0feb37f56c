/// How far a copy has come.
public struct CopyProgress: Hashable, Sendable {
    /// The table that is being copied.
    public var table: String
    /// Rows of all tables copied so far, and to be copied.
    public var copied: Int64
    public var total: Int64
}

extension SQLStore {
    /// Copies all that this store keeps, as it is at one moment, into `target`, which must be empty; then reads it back
    /// and compares every row. Whoever writes to this store meanwhile is not held up.
    ///
    /// One transaction: `target` holds everything afterwards or, when this throws, nothing.
    ///
    /// - Parameter progress: told after each page of rows, on a thread that must not be blocked for long.
    /// - Returns: rows per table.
    /// - Throws: ``StoreError/conflict(_:)`` when `target` is not empty; ``StoreError/unavailable(_:)``.
    @discardableResult
    public func copyAll(
        into target: SQLStore, progress: @escaping @Sendable (CopyProgress) -> Void = { _ in }
    ) async throws -> [String: Int64] {
        try await database.read { source in
            var counts: [String: Int64] = [:]
            try target.database.transaction { target in
                counts = try SQLCopy(source: source, target: target, progress: progress).run()
            }
            return counts
        }
    }
}

/// One copy, from one session into another.
private struct SQLCopy {
    let source: any SQLSession
    let target: any SQLSession
    let progress: @Sendable (CopyProgress) -> Void

    func run() throws -> [String: Int64] {
        for table in CopiedTable.all where try target.firstRow(table.isEmpty, []) != nil {
            throw StoreError.conflict("The target is not empty: it has \(table.name). Copy into a new database.")
        }
        let counts = try Dictionary(
            uniqueKeysWithValues: CopiedTable.all.map { ($0.name, try source.firstRow($0.count, [])?.integer(0) ?? 0) })
        let total = counts.values.reduce(0, +)
        var copied: Int64 = 0
        for table in CopiedTable.all {
            var page = try source.rows(table.firstPage, [])
            while let last = page.last {
                try copy(page, table)
                copied += Int64(page.count)
                progress(CopyProgress(table: table.name, copied: copied, total: total))
                let key = Array(last.values.prefix(table.key.count))
                page = try source.rows(table.page(after: key), key)
            }
        }
        for table in CopiedTable.all where try target.firstRow(table.count, [])?.integer(0) != counts[table.name] {
            throw damaged(table)
        }
        return counts
    }

    private func copy(_ page: [SQLRow], _ table: CopiedTable) throws {
        var rest = page[...]
        while let size = RowWrite.Kind.sizes.first(where: { $0 <= rest.count }) {
            try target.execute(table.insert(rows: size), rest.prefix(size).flatMap(\.values))
            let keys = rest.prefix(size).map { Array($0.values.prefix(table.key.count)) }
            let kept = try target.rows(table.find(keys), keys.flatMap(\.self))
            guard Set(kept.map(\.values)) == Set(rest.prefix(size).map(\.values)) else { throw damaged(table) }
            rest = rest.dropFirst(size)
        }
    }

    private func damaged(_ table: CopiedTable) -> StoreError {
        .unavailable("What was written to \(table.name) reads back otherwise; nothing of the copy was kept.")
    }
}
