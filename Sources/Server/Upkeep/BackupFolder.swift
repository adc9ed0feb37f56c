import Builds
import Foundation

/// A folder of backups, each named after the time of day it was begun: for whatever runs `backup` every night.
struct BackupFolder {
    let path: String
    /// How many of the newest stay; `nil`: all of them.
    var kept: Int?

    /// - Parameter keep: the value of `--keep`.
    /// - Throws: ``ConfigurationError`` when it is no number from 1 to 10,000.
    init(path: String, keep: String?) throws(ConfigurationError) {
        self.path = path
        if let keep {
            guard let count = Int(keep), (1...10_000).contains(count) else {
                throw ConfigurationError(key: "--keep", "must be a whole number from 1 to 10000, is '\(keep)'")
            }
            kept = count
        }
    }

    /// Whether there is such a folder; otherwise the path names a file to be made.
    static func exists(at path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    /// Writes one more; only once that is whole, old ones are removed.
    ///
    /// - Throws: as ``BackupFile/write(from:_:)``.
    func write(from database: DatabaseLocation, _ upkeep: StoreUpkeep, at time: Timestamp) async throws {
        try await BackupFile(path: "\(path)/\(Self.name(at: time))").write(from: database, upkeep)
        guard let kept else { return }
        // The names sort as the times do.
        let files = try FileManager.default.contentsOfDirectory(atPath: path).filter(Self.isOurs).sorted()
        for file in files.dropLast(kept) {
            try FileManager.default.removeItem(atPath: "\(path)/\(file)")
            upkeep.say("removed \(path)/\(file)")
        }
    }

    /// `inframind-20261127T021700Z.db`, in UTC.
    static func name(at time: Timestamp) -> String {
        // 2026-11-27T02:17:00…Z, without what file systems or shells stumble over, and without fractions.
        "inframind-\(time.rfc3339.prefix(19).filter { $0 != "-" && $0 != ":" })Z.db"
    }

    /// What somebody else keeps in the folder stays.
    static func isOurs(_ name: String) -> Bool {
        name.wholeMatch(of: /inframind-[0-9]{8}T[0-9]{6}Z\.db/) != nil
    }
}
