/// The log of the last command of one Bazel server, `command.log` in its output base, read each time it changed.
///
/// Bazel writes it anew for every command, `bazel info` and `bazel shutdown` too. Builds that follow each other faster
/// than it is read are therefore missed, and what is counted is a lower bound.
public struct BazelCommandLog: Hashable, Sendable {
    public let path: String
    /// Since the first reading, which only remembers what is there: that build may have been counted before.
    public private(set) var builds: Int64 = 0
    public private(set) var processes = BazelProcesses.none

    /// What tells the log counted last from the one that is there.
    private var seen: Identity?

    private struct Identity: Hashable, Sendable {
        var inode: UInt64
        var modifiedAt: Int64
        var sizeBytes: Int64
    }

    /// The last lines come within milliseconds of each other; a log that is older is whole.
    private static let quietNanoseconds: Int64 = 1_000_000_000

    public init(path: String) { self.path = path }

    /// Looks at the log and adds the build it tells of, if that is a new one.
    ///
    /// - Parameter secondsSince1970: the time now; a log changed within the last second is left for the next reading.
    public mutating func read(secondsSince1970: Double) throws(KernelFileError) {
        let log = try LogTail(path: path)
        let identity = Identity(inode: log.inode, modifiedAt: log.modifiedAt, sizeBytes: log.sizeBytes)
        let isFirst = seen == nil
        let age = Int64(secondsSince1970 * 1e9) &- log.modifiedAt
        // A clock that was set back must not stop the counting; a little behind it is at the resolution of its seconds.
        let isStillWritten = age.magnitude < Self.quietNanoseconds.magnitude
        guard identity != seen, isFirst || !isStillWritten else { return }
        seen = identity
        guard !isFirst, let summary = log.lines.reversed().lazy.compactMap({ BazelProcesses(line: $0) }).first else {
            return
        }
        builds = saturatingSum(builds, 1)
        processes.add(summary)
    }
}

extension BazelProcesses {
    static let none = BazelProcesses()

    private init() {}

    mutating func add(_ other: BazelProcesses) {
        actionCacheHits = saturatingSum(actionCacheHits, other.actionCacheHits)
        diskCacheHits = saturatingSum(diskCacheHits, other.diskCacheHits)
        remoteCacheHits = saturatingSum(remoteCacheHits, other.remoteCacheHits)
        internalActions = saturatingSum(internalActions, other.internalActions)
        executed = saturatingSum(executed, other.executed)
    }
}
