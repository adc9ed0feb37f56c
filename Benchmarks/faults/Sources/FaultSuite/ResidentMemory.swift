import Foundation

/// Resident memory over time, one sample a second.
struct ResidentMemory: CustomStringConvertible {
    private var mebibytes: [Double] = []

    mutating func add(bytes: Int) { mebibytes.append(Double(bytes) / 1_048_576) }

    /// The first third fills pools and caches.
    private var warm: ArraySlice<Double> { mebibytes[(mebibytes.count / 3)...] }

    private var maximum: Double { warm.max() ?? 0 }

    /// MiB per minute: the slope of the least-squares line.
    private var slope: Double {
        let count = Double(warm.count)
        guard count > 1 else { return 0 }
        let (time, size) = ((count - 1) / 2, warm.reduce(0, +) / count)
        var (both, squares) = (0.0, 0.0)
        for (second, value) in warm.enumerated() {
            both += (Double(second) - time) * (value - size)
            squares += (Double(second) - time) * (Double(second) - time)
        }
        return both / squares * 60
    }

    /// Over less than five minutes the allocator's steps look like a slope. Flat is what would take more than two hours
    /// to double.
    var isGrowing: Bool { mebibytes.count >= 300 && slope * 120 > maximum }

    var description: String {
        let format = "resident %.0f MiB at first, at most %.0f MiB after warming up, slope %+.2f MiB/min"
        return String(format: format, mebibytes.first ?? 0, maximum, slope)
    }
}
