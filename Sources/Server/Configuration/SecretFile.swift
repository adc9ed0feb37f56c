import Foundation
import Glibc

/// A file that holds a secret, as Kubernetes, Docker and systemd hand them to a program: not in the environment, where
/// every child and every dump of the process has it, and replaceable.
struct SecretFile: Hashable, Sendable {
    let path: String

    /// Thousands of tokens; whoever points at something larger meant another file.
    private static let mostBytes = 1 << 20

    /// Its lines, without those that are empty or begin with `#`, and without spaces at both ends.
    ///
    /// - Parameter key: what the error names.
    /// - Throws: ``ConfigurationError`` when it cannot be read or is too large; never repeats what is in it.
    func lines(key: String) throws(ConfigurationError) -> [String] {
        let data: Data
        do {
            let file = try Self.open(path)
            defer { try? file.close() }
            data = try file.read(upToCount: Self.mostBytes + 1) ?? Data()
        } catch {
            throw ConfigurationError(key: key, "'\(path)' cannot be read")
        }
        guard data.count <= Self.mostBytes else {
            throw ConfigurationError(key: key, "'\(path)' is larger than \(Self.mostBytes) bytes")
        }
        // Bytes that are no text would all become the same character, and different secrets the same one.
        guard let text = String(validating: data, as: UTF8.self) else {
            throw ConfigurationError(key: key, "'\(path)' is not UTF-8; openssl rand -hex 32 makes a secret")
        }
        return text.split(whereSeparator: \.isNewline)
            .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty && !$0.hasPrefix("#") }
    }

    /// An ordinary file alone, without waiting: a pipe would be opened when somebody writes to it, perhaps never.
    private static func open(_ path: String) throws -> FileHandle {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { throw CocoaError(.fileReadNoSuchFile) }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw CocoaError(.fileReadUnknown)
        }
        return file
    }
}
