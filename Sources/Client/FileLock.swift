import Glibc

/// A lock between processes: `flock` on a file of its own. The kernel releases it when the process ends, however it
/// ends.
final class FileLock: Sendable {
    private let file: Int32

    /// - Parameter waits: whether to wait for another holder.
    /// - Returns: `nil` when somebody else holds it, or the file cannot be made.
    init?(path: String, waits: Bool) {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { return nil }
        while flock(file, LOCK_EX | (waits ? 0 : LOCK_NB)) != 0 {
            if errno == EINTR { continue }
            close(file)
            return nil
        }
        self.file = file
    }

    /// Lets the next one in.
    func unlock() { flock(file, LOCK_UN) }

    deinit { close(file) }
}
