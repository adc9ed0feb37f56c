import Foundation

/// Where a PostgreSQL database is.
public enum PostgreSQLAddress: Hashable, Sendable {
    /// As libpq reads it: `postgresql://user@host/name?sslmode=verify-full`.
    case url(String)
    /// A file with such a URL in its first line. It is read for every connection, so a password in it can be replaced
    /// while servers run: connections that are there stay, new ones use the new one.
    case file(path: String)

    /// Larger than any URL; a file beyond that holds something else.
    private static let mostBytes = 16_384

    /// The URL to connect to now.
    ///
    /// - Throws: ``PostgreSQLFailure`` when the file cannot be read, or is empty. It may be for a moment while somebody
    ///   replaces it, so this counts as a lost connection, which is tried again.
    func currentURL() throws(PostgreSQLFailure) -> String {
        switch self {
        case .url(let url): return url
        case .file(let path):
            let data = try? FileHandle(forReadingFrom: URL(filePath: path)).read(upToCount: Self.mostBytes)
            let line = data.flatMap { String(decoding: $0, as: UTF8.self).split(whereSeparator: \.isNewline).first }
            guard let line else {
                throw PostgreSQLFailure(
                    sqlState: "", message: "'\(path)' cannot be read, or holds no URL", isConnectionLost: true)
            }
            return line.trimmingCharacters(in: .whitespaces)
        }
    }
}
