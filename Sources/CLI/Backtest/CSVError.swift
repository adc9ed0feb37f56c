/// Why a file cannot be read as a table.
struct CSVError: Error, Hashable, CustomStringConvertible {
    /// The first is 1; `nil` when it is about the whole file.
    var line: Int?
    var reason: String

    init(line: Int?, _ reason: String) {
        self.line = line
        self.reason = reason
    }

    var description: String { line.map { "line \($0): \(reason)" } ?? reason }
}
