import Foundation

/// What the kernel says of this process, under the names that Prometheus' client libraries use.
struct ProcessFigures: Hashable, Sendable {
    var cpuSeconds: Double
    var residentBytes: Int64
    var threads: Int64
    var openDescriptors: Int?
    var descriptorLimit: Double?

    /// - Returns: `nil` where there is no `/proc`.
    static func current() -> ProcessFigures? {
        guard let stat = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8) else { return nil }
        // The name of the program, which may hold anything, ends at the last parenthesis; the state is field 3.
        guard let name = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: name)...].split(separator: " ")
        guard fields.count > 21, let user = Double(fields[11]), let system = Double(fields[12]),
            let threads = Int64(fields[17]), let pages = Int64(fields[21])
        else { return nil }
        var limit = rlimit()
        let isLimited = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 && limit.rlim_cur != .max
        return ProcessFigures(
            cpuSeconds: (user + system) / Double(max(1, sysconf(Int32(_SC_CLK_TCK)))),
            residentBytes: pages * Int64(max(1, sysconf(Int32(_SC_PAGESIZE)))), threads: threads,
            openDescriptors: (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd"))?.count,
            descriptorLimit: isLimited ? Double(limit.rlim_cur) : nil)
    }
}
