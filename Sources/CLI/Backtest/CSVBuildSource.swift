import Optimizer

/// Recorded builds from a CSV file.
struct CSVBuildSource {
    let path: String
    /// Which column is which, once the header is known.
    let mapping: @Sendable ([String]) throws -> ColumnMapping
    /// Builds taken at most, the first ones in their order; `nil` for all.
    var limitRows: Int?

    /// Reads them all, in the order in which they began.
    func load() throws -> LoadedHistory {
        var chosen: ColumnMapping?
        let table = try CSVTable(path: path) { header in
            let mapping = try mapping(header)
            chosen = mapping
            return mapping.columns.compactMap(header.firstIndex(of:))
        }
        guard let chosen else { throw UnreadableCSV(path: path, reason: "it is empty") }
        var builds = BuildRows(mapping: chosen, rows: table.rows)
        let loaded = try builds.history(origin: path, limit: limitRows)
        guard !loaded.history.builds.isEmpty else {
            throw UnreadableCSV(path: path, reason: "none of its \(table.rows.count) rows is a build that finished")
        }
        return loaded
    }
}
