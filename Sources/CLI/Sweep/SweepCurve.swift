import Builds

/// What a sweep measured.
struct SweepCurve {
    private(set) var reports: [RunReportFile] = []
    private var byJobs: [Int: [RunReportFile]] = [:]

    mutating func add(_ report: RunReportFile, jobs: Int) {
        reports.append(report)
        byJobs[jobs, default: []].append(report)
    }

    /// Medians at one number of jobs.
    struct Point: Hashable, Sendable, Codable {
        var jobs: Int
        var builds: Int
        var wallSeconds: Double?
        var cpuSeconds: Double?
        var peakBytes: Int64?

        enum CodingKeys: String, CodingKey {
            case jobs, builds
            case wallSeconds = "wall_s"
            case cpuSeconds = "cpu_s"
            case peakBytes = "peak_bytes"
        }
    }

    var points: [Point] {
        byJobs.sorted { $0.key < $1.key }.map { jobs, reports in
            Point(
                jobs: jobs, builds: reports.count, wallSeconds: Self.median(reports.compactMap(\.counters.wallSeconds)),
                cpuSeconds: Self.median(reports.compactMap(\.counters.cpuSeconds)),
                peakBytes: Self.median(reports.compactMap(\.peakBytes).map(Double.init)).map { Int64($0) })
        }
    }

    /// One build, as it ends.
    static func line(_ report: RunReportFile) -> String {
        [
            report.counters.wallSeconds.map { Quantity.duration(seconds: $0) },
            report.counters.cpuSeconds.map { "CPU \(Quantity.duration(seconds: $0))" },
            report.peakBytes.map { "peak \(Quantity.memory(bytes: $0))" },
        ].compactMap(\.self).joined(separator: ", ")
    }

    /// Columns of the longest bar.
    private static let barWidth = 40

    /// A line and a bar for each number of jobs.
    var plot: String {
        let points = points
        let longest = points.compactMap(\.wallSeconds).max() ?? 0
        let first = points.first?.wallSeconds
        let rows = points.map { point in
            let wall = point.wallSeconds ?? 0
            let share = longest > 0 ? wall / longest : 0
            let bar = String(repeating: "█", count: max(1, Int((share * Double(Self.barWidth)).rounded())))
            let speedUp = first.flatMap { first in wall > 0 ? "\(Quantity.decimal(first / wall, places: 2))×" : nil }
            return [
                "-j\(point.jobs)", Quantity.duration(seconds: wall), speedUp ?? "–",
                point.cpuSeconds.map(Quantity.duration(seconds:)) ?? "–",
                point.peakBytes.map(Quantity.memory(bytes:)) ?? "–", bar,
            ]
        }
        return alignedTable([["jobs", "wall", "speed-up", "CPU", "peak memory", ""]] + rows)
    }

    /// A later build that did hardly anything was not built from nothing, and its figures mean nothing.
    private static let leastWorkShare = 0.3

    /// What is wrong with the measurement, if anything is.
    var note: String? {
        guard let first = reports.first?.counters.cpuSeconds, first > 0 else { return nil }
        let least = reports.compactMap(\.counters.cpuSeconds).min() ?? first
        guard least < Self.leastWorkShare * first else { return nil }
        return
            "One build used \(Quantity.duration(seconds: least)) of CPU and the first \(Quantity.duration(seconds: first)): "
            + "it found most of the work done. Undo each build with --clean."
    }

    private static func median(_ values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}
