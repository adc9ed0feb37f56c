/// Rows of one table on their way into it, packed into one buffer: thousands of rows as arrays of values would cost more
/// than the database does.
struct RowBuffer {
    let table: Table
    private(set) var bytes: [UInt8] = []
    /// Row after row, each with ``Table/columns`` cells.
    private(set) var cells: [Cell] = []

    enum Cell {
        case null
        case integer(Int64)
        case real(Double)
        /// A place in ``bytes``.
        case text(start: Int, count: Int)
    }

    /// A table that takes rows in bulk.
    enum Table {
        case runs, steps

        var name: String {
            switch self {
            case .runs: "runs"
            case .steps: "steps"
            }
        }

        /// Their order is that of the cells.
        var columns: [String] {
            switch self {
            case .runs:
                [
                    "tenant_id", "run_id", "pipeline", "branch", "recommendation_id", "content", "started_at",
                    "number", "status", "duration_seconds", "completion", "completion_number",
                ]
            case .steps:
                ["tenant_id", "run_id", "span_id", "stage", "step", "started_at", "number", "stopped_at", "stop"]
            }
        }
    }

    /// - Parameter rows: how many are expected.
    init(_ table: Table, rows: Int) {
        self.table = table
        cells.reserveCapacity(rows * table.columns.count)
        // About what a row of either table has.
        bytes.reserveCapacity(rows * 400)
    }

    var rows: Int { cells.count / table.columns.count }

    mutating func append(_ text: String) {
        let start = bytes.count
        bytes.append(contentsOf: text.utf8)
        cells.append(.text(start: start, count: bytes.count - start))
    }

    mutating func append(_ integer: Int64?) { cells.append(integer.map(Cell.integer) ?? .null) }

    mutating func append(_ value: SQLValue) {
        switch value {
        case .null: cells.append(.null)
        case .integer(let integer): cells.append(.integer(integer))
        case .real(let real): cells.append(.real(real))
        case .text(let text): append(text)
        case .bytes: preconditionFailure("No table that takes rows in bulk has bytes.")
        }
    }
}
