/// Rows as LightGBM reads them: half the memory of ``TrainingRow``, and nothing to copy before a training.
struct TrainingMatrix: Sendable {
    /// Features of a row.
    let columns: Int
    /// Row after row, oldest first; NaN where a feature is missing.
    let values: [Double]
    /// Peak minus expectation, GiB; one for each row.
    let targets: [Double]

    var count: Int { targets.count }

    init(columns: Int, values: [Double], targets: [Double]) {
        precondition(values.count == columns * targets.count, "each row has \(columns) features")
        self.columns = columns
        self.values = values
        self.targets = targets
    }

    /// - Throws: `unsuitable` for no rows, rows without features, and rows of different lengths.
    init(_ rows: some Collection<TrainingRow>) throws(LightGBMError) {
        guard let columns = rows.first?.features.count, columns > 0, rows.allSatisfy({ $0.features.count == columns })
        else { throw .unsuitable(message: "rows are missing or of different lengths") }
        self.init(
            columns: columns, values: rows.flatMap { $0.features.map { $0 ?? .nan } }, targets: rows.map(\.target))
    }

    /// The features of one row.
    func features(_ row: Int) -> [Double?] {
        values[row * columns..<(row + 1) * columns].map { $0.isNaN ? nil : $0 }
    }
}
