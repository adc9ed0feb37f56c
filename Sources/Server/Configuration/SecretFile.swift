import Foundation

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
            let file = try FileHandle(forReadingFrom: URL(filePath: path))
            defer { try? file.close() }
            data = try file.read(upToCount: Self.mostBytes + 1) ?? Data()
        } catch {
            throw ConfigurationError(key: key, "'\(path)' cannot be read")
        }
        guard data.count <= Self.mostBytes else {
            throw ConfigurationError(key: key, "'\(path)' is larger than \(Self.mostBytes) bytes")
        }
        return String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline)
            .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty && !$0.hasPrefix("#") }
    }
}
