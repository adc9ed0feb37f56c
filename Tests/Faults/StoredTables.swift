/// The database under the server, read past it with the database's own tool.
public enum StoredTables: Sendable {
    case sqlite(path: String)
    case postgreSQL(url: String)

    /// Between two columns: a character that no value of the load holds.
    private static let separator: Character = "\u{1F}"

    /// Runs a query and hands over each row as texts; NULL is empty.
    ///
    /// - Throws: ``Command/Failed``; what `body` throws.
    func rows(_ query: String, _ body: ([Substring]) throws -> Void) throws {
        let command =
            switch self {
            case .sqlite(let path):
                Command("sqlite3", ["-batch", "-separator", String(Self.separator), path, query])
            case .postgreSQL(let url):
                Command("psql", ["-X", "-q", "-A", "-t", "-F", String(Self.separator), "-c", query, url])
            }
        try command.lines { line in
            try body(line.split(separator: Self.separator, omittingEmptySubsequences: false))
        }
    }

    /// The one row of numbers that `query` gives.
    func numbers(_ query: String) throws -> [Int] {
        var numbers: [Int] = []
        try rows(query) { row in numbers = row.map { Int($0) ?? 0 } }
        return numbers
    }
}
