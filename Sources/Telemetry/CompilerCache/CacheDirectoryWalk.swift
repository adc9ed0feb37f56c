import Glibc

/// How much lies in a cache directory that keeps no account of itself.
///
/// A cache may hold millions of files, be on a slow disk, and is changed while it is read. So the walk has a budget of
/// entries, depth and time, follows no symbolic link, stays on one file system, and says when it saw a part only.
public struct CacheDirectoryWalk: Sendable {
    public struct Budget: Hashable, Sendable {
        public var entries: Int
        public var depth: Int
        public var seconds: Double

        /// Bazel's and Gradle's caches are three folders deep at most. A million files take some seconds.
        public init(entries: Int = 4_000_000, depth: Int = 8, seconds: Double = 30) {
            self.entries = entries
            self.depth = depth
            self.seconds = seconds
        }
    }

    /// Regular files, and the sum of their sizes.
    public var files: Int64 = 0
    public var sizeBytes: Int64 = 0
    /// False when the budget ran out or a folder could not be read: there is at least this much.
    public var isComplete = true

    private var budget: Budget
    private let clock: @Sendable () -> Double
    private let deadline: Double
    private var device: dev_t = 0

    /// Walks over everything below `path`.
    ///
    /// - Parameters:
    ///   - isCounted: whether a file of this name in the top directory counts; those further down all do.
    ///   - clock: seconds that never jump.
    /// - Throws: when the directory itself cannot be read.
    public init(
        _ path: String, budget: Budget = Budget(), isCounted: (String) -> Bool = { _ in true },
        clock: @escaping @Sendable () -> Double = monotonicSeconds
    ) throws(KernelFileError) {
        self.budget = budget
        self.clock = clock
        deadline = clock() + budget.seconds
        // The one link that is followed: the configured path itself may well be one.
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw KernelFileError(path: path, code: errno) }
        var status = stat()
        if fstat(descriptor, &status) == 0 { device = status.st_dev }
        walk(descriptor, depth: 1, isCounted)
    }

    /// Takes over the descriptor.
    private mutating func walk(_ descriptor: Int32, depth: Int, _ isCounted: (String) -> Bool) {
        guard let directory = fdopendir(descriptor) else {
            close(descriptor)
            isComplete = false
            return
        }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let isDots = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { strcmp($0, ".") == 0 || strcmp($0, "..") == 0 }
            }
            if isDots { continue }
            guard isWithinBudget() else { return }
            withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { name in
                    visit(name, in: descriptor, depth: depth, isCounted)
                }
            }
        }
    }

    private mutating func visit(
        _ name: UnsafePointer<CChar>, in descriptor: Int32, depth: Int, _ isCounted: (String) -> Bool
    ) {
        var status = stat()
        // What has gone since it was listed is no longer in the cache.
        guard fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return }
        switch status.st_mode & S_IFMT {
        case S_IFREG where depth > 1 || isCounted(String(cString: name)):
            files = saturatingSum(files, 1)
            sizeBytes = saturatingSum(sizeBytes, Int64(status.st_size))
        case S_IFDIR where status.st_dev == device:
            guard depth < budget.depth else {
                isComplete = false
                return
            }
            let child = openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard child >= 0 else {
                if errno != ENOENT { isComplete = false }
                return
            }
            walk(child, depth: depth + 1, isCounted)
        default: break
        }
    }

    private mutating func isWithinBudget() -> Bool {
        guard isComplete || budget.entries > 0 else { return false }
        budget.entries -= 1
        // The clock is cheap, but not as cheap as not to be asked.
        let isInTime = budget.entries % 256 != 0 || clock() < deadline
        if budget.entries <= 0 || !isInTime {
            isComplete = false
            budget.entries = 0
            return false
        }
        return true
    }
}
