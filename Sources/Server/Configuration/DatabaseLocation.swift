import Foundation
import Storage

/// Where the data is kept.
enum DatabaseLocation: Hashable, Sendable {
    case sqlite(path: String)
    /// A URL as libpq reads it; it may hold a password.
    case postgreSQL(url: String)
    /// A file that holds such a URL, read for every connection: what is in it may be replaced while servers run.
    case postgreSQLFile(path: String)

    /// - Parameters:
    ///   - url: `sqlite:PATH` or `postgresql://…`.
    ///   - file: a file that holds the URL of a PostgreSQL database. Without both, `inframind.db` is in `dataFolder`.
    /// - Throws: ``ConfigurationError`` for any other scheme, and when there are both.
    init(url: String?, file: String? = nil, dataFolder: String) throws(ConfigurationError) {
        if let file {
            guard url == nil else {
                throw ConfigurationError(key: "database-url-file", "must not be set together with database-url")
            }
            let line = try SecretFile(path: file).lines(key: "database-url-file").first ?? ""
            guard case .postgreSQL = try DatabaseLocation(url: line, key: "database-url-file") else {
                throw ConfigurationError(key: "database-url-file", "must hold postgresql://USER@HOST/DATABASE")
            }
            self = .postgreSQLFile(path: file)
        } else if let url {
            try self.init(url: url, key: "database-url")
        } else {
            self = .sqlite(path: dataFolder + "/inframind.db")
        }
    }

    /// - Parameter key: what the error names.
    /// - Throws: ``ConfigurationError``.
    init(url: String, key: String) throws(ConfigurationError) {
        let parts = url.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        switch parts[0] {
        case "sqlite" where parts.count == 2 && !parts[1].isEmpty:
            // sqlite:///var/lib/x.db and sqlite:/var/lib/x.db name the same file.
            let path = parts[1].hasPrefix("//") ? parts[1].dropFirst(2) : parts[1]
            self = .sqlite(path: String(path))
        case "postgresql", "postgres":
            self = .postgreSQL(url: url)
        default:
            // The text may hold a password: it is not repeated.
            throw ConfigurationError(key: key, "must be sqlite:PATH or postgresql://USER@HOST/DATABASE")
        }
    }

    /// Makes the folder the database lies in.
    func prepare() throws(ConfigurationError) {
        guard case .sqlite(let path) = self else { return }
        let folder = (path as NSString).deletingLastPathComponent
        guard !folder.isEmpty else { return }
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw ConfigurationError(key: "data", "'\(folder)' cannot be made: \(error.localizedDescription)")
        }
    }

    /// Opens the store that is kept here; makes it where there is none.
    ///
    /// - Throws: ``ConfigurationError``; `StoreError`.
    func open(schema: SchemaPolicy = .upgrade) async throws -> SQLStore {
        try prepare()
        switch self {
        case .sqlite(let path): return try await .sqlite(path: path, schema: schema)
        case .postgreSQL(let url): return try await .postgreSQL(url: url, schema: schema)
        case .postgreSQLFile(let path): return try await .postgreSQL(.file(path: path), schema: schema)
        }
    }

    /// What people may read: no password.
    var name: String {
        switch self {
        case .sqlite(let path): path
        case .postgreSQL, .postgreSQLFile: "the PostgreSQL database"
        }
    }

    /// Whether there is something to copy from; a server of a database cannot be asked without connecting.
    var mayExist: Bool {
        switch self {
        case .sqlite(let path): FileManager.default.fileExists(atPath: path)
        case .postgreSQL, .postgreSQLFile: true
        }
    }
}
