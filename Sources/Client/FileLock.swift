import Glibc

/// A lock between processes: `flock` on a file of its own. The kernel releases it when the process ends, however it
/// ends.
final class FileLock: Sendable {
    private let file: Int32

    /// Time between two looks at a lock that somebody holds: an eighth of a short wait, and no load. The kernel can wait
    /// without looking, but then only for ever.
    private static let pause = timespec(tv_sec: 0, tv_nsec: 5_000_000)

    /// - Parameter patience: how long to wait for another holder; a little longer on a busy machine.
    /// - Returns: `nil` when somebody else holds it, or the file cannot be made.
    init?(path: String, patience: Duration = .zero) {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { return nil }
        let deadline = ContinuousClock.now + patience
        while flock(file, LOCK_EX | LOCK_NB) != 0 {
            if errno == EINTR { continue }
            guard errno == EWOULDBLOCK, ContinuousClock.now < deadline else {
                close(file)
                return nil
            }
            var pause = Self.pause
            nanosleep(&pause, nil)
        }
        self.file = file
    }

    /// Lets the next one in.
    func unlock() { flock(file, LOCK_UN) }

    deinit { close(file) }
}
