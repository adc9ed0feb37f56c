import Glibc

/// Opens files that a configuration names.
///
/// A pipe in a file's place would be waited for until somebody writes to it, and everything the agent does would wait
/// with it; and what a pipe says can be read once, where configuration, certificates and tokens are read again.
enum OrdinaryFile {
    struct Unreadable: Error, Hashable, CustomStringConvertible {
        /// To be put behind the file's name: `cannot be read: …`.
        var description: String
    }

    /// - Returns: a descriptor of the caller's.
    static func open(_ path: String) throws(Unreadable) -> Int32 {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else {
            throw Unreadable(description: "cannot be read: \(String(cString: strerror(errno)))")
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT != S_IFIFO else {
            close(descriptor)
            throw Unreadable(description: "cannot be read: it is a pipe and not a file")
        }
        return descriptor
    }

    /// Says why the file at `path` cannot be opened, if so.
    static func require(_ path: String) throws(Unreadable) { close(try open(path)) }
}
