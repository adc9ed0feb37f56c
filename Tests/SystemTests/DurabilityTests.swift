import Builds
import Client
import Foundation
import Storage
import Testing

@Suite("Durability", .serialized)
struct DurabilityTests {
    @Test("Every acknowledged write is there after kill -9, and none twice", .timeLimit(.minutes(2)))
    func survivesKill() async throws {
        try await withTemporaryFolder { folder in
            let writes = 2000
            let server = try RunningServer(data: folder)
            let client = InframindClient(endpoint: server.endpoint)
            let acknowledged = Acknowledged()
            let processID = server.processID

            await withTaskGroup(of: Void.self) { group in
                for index in 0..<writes {
                    // 64 in flight: enough that the kill meets transactions in every state.
                    if index >= 64 { await group.next() }
                    group.addTask {
                        let run = Self.run(index)
                        guard (try? await client.start(run)) != nil else { return }
                        // In the middle of the load, while others wait for their answers.
                        if await acknowledged.add(run.id) == writes / 2 { kill(processID, SIGKILL) }
                    }
                }
            }
            server.kill()
            await client.shutdown()
            let kept = await acknowledged.ids
            #expect(kept.count >= writes / 2)
            #expect(kept.count < writes, "the server was killed too late to prove anything")

            // A restart must find the database usable, and the clients' retries must change nothing.
            let restarted = try RunningServer(data: folder)
            let retrying = InframindClient(endpoint: restarted.endpoint)
            for id in kept.prefix(50) {
                let index = try #require(Int(id.rawValue.dropFirst("run-".count)))
                try await retrying.start(Self.run(index))
            }
            await retrying.shutdown()
            #expect(restarted.stop() == 0)

            let store = try await SQLStore.sqlite(path: Self.database(in: folder))
            for id in kept {
                let stored = try await store.run(id, tenant: .default)
                #expect(stored != nil, "\(id) was acknowledged and is lost")
            }
            let rows = try await store.counts()["runs"] ?? 0
            #expect(rows >= kept.count && rows <= writes)
            try await store.close()
        }
    }

    private static func run(_ index: Int) -> Run {
        Run(
            id: RunID("run-\(index)"), pipeline: "load", branch: "main", commit: "c\(index)", image: "debian:12",
            startedAt: Timestamp(seconds: 1_760_000_000 + Double(index)))
    }

    /// The one database file the server made in its data folder.
    private static func database(in folder: URL) throws -> String {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        let file = try #require(
            names.first { $0.hasSuffix(".sqlite") || $0.hasSuffix(".sqlite3") || $0.hasSuffix(".db") })
        return folder.appendingPathComponent(file).path
    }

    private actor Acknowledged {
        private(set) var ids: [RunID] = []

        func add(_ id: RunID) -> Int {
            ids.append(id)
            return ids.count
        }
    }
}
