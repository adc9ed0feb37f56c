import Telemetry

/// Numbers of several devices, read in one go and then written family by family. Kept between scrapes.
///
/// Names point into the buffer the file was read into: nothing else may be read until the table has been written.
struct DeviceTable {
    /// How many devices are shown at most. A node with more has them from containers coming and going, and would hand
    /// Prometheus a new series for each.
    static let limit = 64

    let columns: Int
    private var names: ContiguousArray<UnsafeRawBufferPointer> = []
    private var values: ContiguousArray<Int64> = []

    init(columns: Int) {
        self.columns = columns
        names.reserveCapacity(Self.limit)
        values.reserveCapacity(Self.limit * columns)
    }

    var isEmpty: Bool { names.isEmpty }
    var isFull: Bool { names.count >= Self.limit }

    mutating func removeAll() {
        names.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
    }

    /// Adds a device without numbers; -1 stands for one the kernel does not tell.
    mutating func append(_ name: UnsafeRawBufferPointer) {
        names.append(name)
        for _ in 0..<columns { values.append(-1) }
    }

    /// Sets a number of the device added last.
    mutating func set(_ column: Int, _ value: Int64) {
        values[values.count - columns + column] = value
    }

    /// Forgets the device added last.
    mutating func removeLast() {
        names.removeLast()
        values.removeLast(columns)
    }

    /// Writes one column, counted in `parts` of a unit or in units of `scale`, as the samples of the family begun last.
    func write(_ column: Int, scale: Int64 = 1, per parts: Int64 = 1, to page: MetricsWriter) {
        for index in names.indices {
            let value = values[index * columns + column]
            guard value >= 0 else { continue }
            let (scaled, overflow) = value.multipliedReportingOverflow(by: scale)
            page.sample(overflow ? .max : scaled, per: parts) { $0.add("device", bytes: names[index]) }
        }
    }
}
