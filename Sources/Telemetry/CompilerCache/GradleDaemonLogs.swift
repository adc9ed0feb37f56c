import Glibc

/// The logs of the Gradle daemons of one Gradle home (`daemon/VERSION/daemon-PID.out.log`), each read on from where the
/// last reading ended.
///
/// A daemon writes what its builds print into its log. Builds with `--no-daemon` leave none.
public struct GradleDaemonLogs: Hashable, Sendable {
    /// Of the directory of a Gradle home, such as `~/.gradle`.
    public let home: String
    /// Since the first reading, which only remembers how far the logs go.
    public private(set) var tasks = GradleTasks()

    /// How far each log has been read, by its path.
    private var read: [String: Place] = [:]
    private var isFirst = true

    private struct Place: Hashable, Sendable {
        var inode: UInt64
        var end: Int64
    }

    /// A home gathers the logs of daemons long gone; Gradle removes them after two weeks.
    private static let limitLogs = 512

    public init(home: String) { self.home = home }

    /// Looks at every log and adds what is new.
    ///
    /// - Throws: when there is no folder of daemons.
    public mutating func readOn() throws(KernelFileError) {
        var places: [String: Place] = [:]
        let folder = home + "/daemon"
        for version in try DirectoryListing.names(folder, limit: 64) where version.first?.isNumber == true {
            guard let names = try? DirectoryListing.names("\(folder)/\(version)", limit: 4096) else { continue }
            for name in names where name.hasPrefix("daemon-") && name.hasSuffix(".out.log") {
                guard places.count < Self.limitLogs else { break }
                let path = "\(folder)/\(version)/\(name)"
                places[path] = readOn(path)
            }
        }
        read = places
        isFirst = false
    }

    private mutating func readOn(_ path: String) -> Place? {
        let before = read[path]
        guard let log = try? LogTail(path: path, from: before?.end ?? 0) else { return before }
        // A log that shrank, or is another file, starts over.
        if let before, log.inode != before.inode || log.sizeBytes < before.end {
            guard let whole = try? LogTail(path: path) else { return nil }
            add(whole)
            return Place(inode: whole.inode, end: whole.end)
        }
        if !isFirst { add(log) }
        return Place(inode: log.inode, end: log.bytes.isEmpty ? before?.end ?? log.offset : log.end)
    }

    private mutating func add(_ log: LogTail) {
        for line in log.lines {
            if let summary = GradleTasks(line: line) { tasks.add(summary) }
        }
    }
}

/// The names in a directory, in order and bounded.
enum DirectoryListing {
    static func names(_ path: String, limit: Int) throws(KernelFileError) -> [String] {
        guard let directory = opendir(path) else { throw KernelFileError(path: path, code: errno) }
        defer { closedir(directory) }
        var names: [String] = []
        while names.count < limit, let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}
