import Foundation
import Storage
import Testing

/// A database the conformance suite runs against. A new backend is one more row in ``all``.
struct StoreBackend: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// Opens the store that lives in a folder, making it the first time.
    var open: @Sendable (_ folder: String) async throws -> any Store

    static let all = [
        StoreBackend(testDescription: "SQLite") { try await SQLStore.sqlite(path: $0 + "/inframind.sqlite") }
    ]

    /// Lends `body` an empty store and removes it afterwards.
    func withStore(_ body: (any Store) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let store = try await open(folder)
            do {
                try await body(store)
            } catch {
                try? await store.close()
                throw error
            }
            try await store.close()
        }
    }
}

/// Lends `body` the path of an empty folder and removes it afterwards.
func withTemporaryFolder(_ body: (String) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "inframind-storage-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await body(folder.path)
}
