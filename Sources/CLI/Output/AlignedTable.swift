/// Rows as text: columns as wide as their widest cell, two blanks apart; every row ends with a line break.
///
/// - Parameter rows: cells; every row has as many as the first.
func alignedTable(_ rows: [[String]]) -> String {
    let columns = rows.first?.count ?? 0
    let widths = (0..<columns).map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
        var line = ""
        for (cell, width) in zip(row, widths) { line += cell + String(repeating: " ", count: width - cell.count + 2) }
        while line.hasSuffix(" ") { line.removeLast() }
        return line + "\n"
    }.joined()
}
