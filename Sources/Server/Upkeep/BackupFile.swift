import Foundation

/// A backup: one file, which holds everything or does not exist.
struct BackupFile {
    let path: String

    /// - Throws: ``UpkeepError`` when the file is there already; errors of both databases.
    func write(from database: DatabaseLocation, _ upkeep: StoreUpkeep) async throws {
        guard !FileManager.default.fileExists(atPath: path) else {
            throw UpkeepError("'\(path)' is there already; name a new file")
        }
        // It gets its name when it is whole: what an interrupted backup leaves is not taken for one.
        let partial = path + ".partial"
        removeDatabase(at: partial)
        do {
            // Its owner's alone, from the first byte on: what builds used, and their names.
            guard FileManager.default.createFile(atPath: partial, contents: nil, attributes: [.posixPermissions: 0o600])
            else {
                throw UpkeepError("'\(partial)' cannot be made")
            }
            try await upkeep.copy(from: database, schema: .asItIs, to: .sqlite(path: partial))
            try syncToDisk(partial)
            try FileManager.default.moveItem(atPath: partial, toPath: path)
            try syncToDisk(URL(filePath: path).deletingLastPathComponent().path)
        } catch {
            removeDatabase(at: partial)
            throw error
        }
        upkeep.say("backup written to \(path)")
    }

    /// Reads a copy of the file: a backup of an older version is upgraded on the way, and itself stays as it is.
    ///
    /// - Throws: ``UpkeepError`` when there is no such file; errors of both databases.
    func read(into database: DatabaseLocation, _ upkeep: StoreUpkeep) async throws {
        guard FileManager.default.fileExists(atPath: path) else { throw UpkeepError("there is no backup at '\(path)'") }
        let folder = FileManager.default.temporaryDirectory.appending(path: "inframind-restore-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(at: folder) }
        let copy = folder.appending(path: "backup.db").path
        try FileManager.default.copyItem(atPath: path, toPath: copy)
        try await upkeep.copy(from: .sqlite(path: copy), schema: .upgrade, to: database)
    }

    private func removeDatabase(at path: String) {
        for suffix in ["", "-wal", "-shm", "-journal"] { try? FileManager.default.removeItem(atPath: path + suffix) }
    }

    private func syncToDisk(_ path: String) throws {
        let file = try FileHandle(forReadingFrom: URL(filePath: path))
        try file.synchronize()
        try file.close()
    }
}
