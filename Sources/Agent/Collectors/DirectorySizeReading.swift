import Telemetry

/// Sizes of cache directories that keep no account of themselves, walked over seldom.
struct DirectorySize: Sendable {
    /// As it was configured.
    var name: String
    /// `nil` when it cannot be read.
    var walk: CacheDirectoryWalk?

    /// A large cache takes seconds to walk over, and changes little in ten minutes.
    static let periodSeconds = 600.0

    /// - Parameters:
    ///   - directories: what they are called on the page, and where they are.
    ///   - isCounted: whether a file in the directory itself counts.
    static func reading(
        _ directories: [(name: String, path: String)], on thread: BackgroundThread,
        isCounted: @escaping @Sendable (String) -> Bool = { _ in true }
    ) -> BackgroundReading<[DirectorySize]>? {
        if directories.isEmpty { return nil }
        return BackgroundReading(everySeconds: periodSeconds, on: thread) {
            directories.map { directory in
                DirectorySize(
                    name: directory.name, walk: try? CacheDirectoryWalk(directory.path, isCounted: isCounted))
            }
        }.start()
    }
}

extension [DirectorySize] {
    /// Writes one number of each as the samples of the family begun last.
    func write(_ label: StaticString, to page: MetricsWriter, _ value: (CacheDirectoryWalk) -> Int64) {
        for size in self {
            guard let walk = size.walk else { continue }
            page.sample(value(walk)) { $0.add(label, size.name) }
        }
    }
}
