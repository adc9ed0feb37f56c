import Builds

/// The one row a write comes down to when nobody has written it before, which is nearly always so.
///
/// Rows of one kind are written together, many to a statement: a database that is a network away is asked once for all
/// that wait, not several times for each. What does not fit (a row that is there already, a run nobody started) is found
/// by halving, and takes the way that looks first and can say what is wrong.
struct RowWrite: Sendable {
    let kind: Kind
    let tenant: TenantID
    /// In the order of ``Kind/statement(rows:)``, without the number.
    let values: [SQLValue]

    enum Kind: Int, CaseIterable, Sendable {
        // In an order in which each finds what it builds on.
        case runStart, stepStart, stepStop, runCompletion, recommendation
    }
}

extension RowWrite.Kind {
    /// What numbers the rows; the number is the last value of a row.
    var counter: TenantCounter? {
        switch self {
        case .runStart: .runs
        case .stepStart: .steps
        case .stepStop: nil
        case .runCompletion: .completions
        case .recommendation: .recommendations
        }
    }

    /// Rows per statement, greatest first: few sizes, so that few statements are prepared.
    static let sizes = [64, 16, 4, 1]

    /// - Parameter rows: one of ``sizes``.
    func statement(rows: Int) -> String { Self.statements[rawValue][rows] ?? makeStatement(rows: rows) }

    private static let statements = allCases.map { kind in
        Dictionary(uniqueKeysWithValues: sizes.map { ($0, kind.makeStatement(rows: $0)) })
    }

    private func makeStatement(rows: Int) -> String {
        switch self {
        case .runStart:
            insert(
                rows, into: "runs",
                "tenant_id, run_id, pipeline, branch, recommendation_id, started_at, content, number", columns: 8)
        case .stepStart:
            insert(rows, into: "steps", "tenant_id, run_id, span_id, stage, step, started_at, number", columns: 7)
        case .recommendation:
            insert(
                rows, into: "recommendations", "tenant_id, recommendation_id, pipeline, content, ticket, number",
                columns: 6)
        case .stepStop:
            """
            UPDATE steps SET stopped_at = v.column6, stop = v.column7
            FROM (VALUES \(Self.places(rows, ["$", "$", "$", "$", "$", "CAST($ AS BIGINT)", "$"]))) AS v
            WHERE steps.tenant_id = v.column1 AND steps.run_id = v.column2 AND steps.span_id = v.column3
                AND steps.stage = v.column4 AND steps.step = v.column5 AND steps.started_at <= v.column6
                AND steps.stop IS NULL
            """
        case .runCompletion:
            """
            UPDATE runs SET status = v.column3, duration_seconds = v.column4, completion = v.column5,
                completion_number = v.column6
            FROM (VALUES \(Self.places(rows, ["$", "$", "$", "CAST($ AS DOUBLE PRECISION)", "$", "CAST($ AS BIGINT)"])))
                AS v
            WHERE runs.tenant_id = v.column1 AND runs.run_id = v.column2 AND runs.completion IS NULL
            """
        }
    }

    /// A row that is there already is left out, and told by the number of rows changed.
    private func insert(_ rows: Int, into table: String, _ names: String, columns: Int) -> String {
        "INSERT INTO \(table) (\(names)) VALUES \(Self.places(rows, Array(repeating: "$", count: columns))) "
            + "ON CONFLICT DO NOTHING"
    }

    /// `($1, $2), ($3, $4)`: each `$` of `row` becomes a parameter.
    private static func places(_ rows: Int, _ row: [String]) -> String {
        var number = 0
        return (0..<rows).map { _ in
            "("
                + row.map { place in
                    number += 1
                    return place.replacing("$", with: "$\(number)")
                }.joined(separator: ", ") + ")"
        }.joined(separator: ", ")
    }
}

extension SQLSession {
    /// Writes rows of one kind, and returns the places of those that did not fit.
    ///
    /// - Throws: ``StoreError/unavailable(_:)``.
    func write(_ kind: RowWrite.Kind, _ rows: [RowWrite]) throws -> [Int] {
        try write(kind, rows, places: rows.indices)
    }

    private func write(_ kind: RowWrite.Kind, _ rows: [RowWrite], places: Range<Int>) throws -> [Int] {
        guard !places.isEmpty else { return [] }
        do {
            try savepoint { try insert(kind, rows[places]) }
            return []
        } catch let error as StoreError where error.isUnavailable {
            throw error
        } catch {
            guard places.count > 1 else { return Array(places) }
            let middle = places.lowerBound + places.count / 2
            return try write(kind, rows, places: places.lowerBound..<middle)
                + write(kind, rows, places: middle..<places.upperBound)
        }
    }

    /// - Throws: ``Misfit`` or a conflict when one of the rows does not fit.
    private func insert(_ kind: RowWrite.Kind, _ rows: ArraySlice<RowWrite>) throws {
        let numbers = try kind.counter.map { try self.numbers($0, rows) }
        var values = zip(rows.indices, rows).map { place, row in
            row.values + (numbers.map { [.integer($0[place - rows.startIndex])] } ?? [])
        }[...]
        while let size = RowWrite.Kind.sizes.first(where: { $0 <= values.count }) {
            let changed = try execute(kind.statement(rows: size), values.prefix(size).flatMap(\.self))
            guard changed == size else { throw Misfit() }
            values = values.dropFirst(size)
        }
    }

    /// Takes a number for each row, in their order.
    private func numbers(_ counter: TenantCounter, _ rows: ArraySlice<RowWrite>) throws -> [Int64] {
        var next: [TenantID: Int64] = [:]
        for (tenant, count) in Dictionary(grouping: rows, by: \.tenant).mapValues(\.count) {
            let taken = [SQLValue.integer(Int64(count)), .text(tenant.rawValue)]
            // A tenant's first row of all makes the tenant, the way that looks first.
            guard let row = try firstRow(TenantStatements.take(counter), taken) else { throw Misfit() }
            next[tenant] = try row.integer(0) - Int64(count) + 1
        }
        return rows.map { row in
            defer { next[row.tenant, default: 0] += 1 }
            return next[row.tenant, default: 0]
        }
    }
}

/// A row was not written: it is there already, or what it builds on is not.
private struct Misfit: Error {}
