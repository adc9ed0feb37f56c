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

    /// Rows per statement, greatest first: what waits at a usual moment goes in one statement, and yet there are few
    /// statements to prepare.
    static let sizes = [64, 32] + (1...16).reversed()

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
            FROM (VALUES \(places(rows, ["$", "$", "$", "$", "$", "CAST($ AS BIGINT)", "$"]))) AS v
            WHERE steps.tenant_id = v.column1 AND steps.run_id = v.column2 AND steps.span_id = v.column3
                AND steps.stage = v.column4 AND steps.step = v.column5 AND steps.started_at <= v.column6
                AND steps.stop IS NULL
            """
        case .runCompletion:
            """
            UPDATE runs SET status = v.column3, duration_seconds = v.column4, completion = v.column5,
                completion_number = v.column6
            FROM (VALUES \(places(rows, ["$", "$", "$", "CAST($ AS DOUBLE PRECISION)", "$", "CAST($ AS BIGINT)"]))) AS v
            WHERE runs.tenant_id = v.column1 AND runs.run_id = v.column2 AND runs.completion IS NULL
            """
        }
    }

    /// A row that is there already is left out, and told by the number of rows changed.
    private func insert(_ rows: Int, into table: String, _ names: String, columns: Int) -> String {
        "INSERT INTO \(table) (\(names)) VALUES \(places(rows, Array(repeating: "$", count: columns))) "
            + "ON CONFLICT DO NOTHING"
    }

    /// `($1, $2), ($3, $4)`: each `$` of `row` becomes a parameter.
    private func places(_ rows: Int, _ row: [String]) -> String {
        var number = 0
        return (0..<rows).map { _ in
            let places = row.map { place in
                number += 1
                return place.replacing("$", with: "$\(number)")
            }
            return "(" + places.joined(separator: ", ") + ")"
        }.joined(separator: ", ")
    }
}

/// A statement that must change so many rows.
struct ExpectedChange {
    var statement: SQLStatement
    var rows: Int
}

/// Numbers that rows of a kind and a tenant need.
private struct NumberRange: Hashable {
    var kind: RowWrite.Kind
    var tenant: TenantID
}

extension RowWrite.Kind {
    /// What writes `rows`, all of this kind.
    ///
    /// - Parameter number: the number of the next row of a tenant; not called for kinds without numbers.
    func changes(_ rows: [RowWrite], number: (TenantID) -> Int64) -> [ExpectedChange] {
        var rest = rows.map { $0.values + (counter == nil ? [] : [.integer(number($0.tenant))]) }[...]
        var changes: [ExpectedChange] = []
        while let size = Self.sizes.first(where: { $0 <= rest.count }) {
            changes.append(
                ExpectedChange(
                    statement: SQLStatement(text: statement(rows: size), values: rest.prefix(size).flatMap(\.self)),
                    rows: size))
            rest = rest.dropFirst(size)
        }
        return changes
    }
}

extension SQLSession {
    /// Writes rows of any kinds, all or none, without a savepoint: the numbers of all in one go, then all rows.
    ///
    /// - Throws: ``Misfit`` when one of them does not fit: the transaction is lost; ``StoreError/unavailable(_:)``.
    func writeAll(_ rows: [RowWrite]) throws {
        do {
            var next = try takeNumbers(rows)
            let changes = RowWrite.Kind.allCases.flatMap { kind in
                kind.changes(rows.filter { $0.kind == kind }) { tenant in
                    let range = NumberRange(kind: kind, tenant: tenant)
                    defer { next[range, default: 0] += 1 }
                    return next[range, default: 0]
                }
            }
            guard try executeAll(changes.map(\.statement)).map(\.changed) == changes.map(\.rows) else { throw Misfit() }
        } catch let error as StoreError where !error.isUnavailable {
            throw Misfit()
        }
    }

    /// The first number of each range.
    private func takeNumbers(_ rows: [RowWrite]) throws -> [NumberRange: Int64] {
        let counts = Dictionary(
            grouping: rows.filter { $0.kind.counter != nil }, by: { NumberRange(kind: $0.kind, tenant: $0.tenant) }
        ).mapValues { Int64($0.count) }
        // One order for all: whoever waits for two rows waits for them in it.
        let ranges = counts.keys.sorted {
            ($0.tenant.rawValue, $0.kind.rawValue) < ($1.tenant.rawValue, $1.kind.rawValue)
        }
        let taken = try executeAll(
            ranges.compactMap { range in
                range.kind.counter.map { counter in
                    SQLStatement(
                        text: TenantStatements.take(counter),
                        values: [.integer(counts[range] ?? 0), .text(range.tenant.rawValue)])
                }
            })
        var first: [NumberRange: Int64] = [:]
        for (range, outcome) in zip(ranges, taken) {
            // A tenant's first row of all makes the tenant, on the way that looks first.
            guard let row = outcome.rows.first else { throw Misfit() }
            first[range] = try row.integer(0) - (counts[range] ?? 0) + 1
        }
        return first
    }

    /// Writes rows of one kind, and returns the places of those that did not fit.
    ///
    /// - Throws: ``StoreError/unavailable(_:)``.
    func write(_ kind: RowWrite.Kind, _ rows: [RowWrite]) throws -> [Int] {
        try write(kind, rows, places: rows.indices)
    }

    private func write(_ kind: RowWrite.Kind, _ rows: [RowWrite], places: Range<Int>) throws -> [Int] {
        guard !places.isEmpty else { return [] }
        do {
            try savepoint { try writeAll(Array(rows[places])) }
            return []
        } catch is Misfit {
            guard places.count > 1 else { return Array(places) }
            let middle = places.lowerBound + places.count / 2
            return try write(kind, rows, places: places.lowerBound..<middle)
                + write(kind, rows, places: middle..<places.upperBound)
        }
    }
}

/// A row was not written: it is there already, or what it builds on is not. A tenant's first row of all is one, too: the
/// tenant is made on the way that looks first.
struct Misfit: Error {}
