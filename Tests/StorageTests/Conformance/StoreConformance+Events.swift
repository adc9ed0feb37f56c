import Builds
import Storage
import Testing

extension StoreConformance {
    private static func event(
        _ lesson: Int64, _ place: Int = 0, run: String = "r1", pipeline: String = "app",
        says: JSONValue = .object(["x": 1])
    ) -> StoredEvent {
        StoredEvent(lessonNumber: lesson, place: place, runID: RunID(run), pipeline: pipeline, content: says)
    }

    @Test("Events come newest first, of all, of a pipeline, of a run", arguments: StoreBackend.all)
    func eventOrder(_ backend: StoreBackend) async throws {
        try await backend.withStore { store in
            let first = [Self.event(3), Self.event(3, 1)]
            let second = [Self.event(12, run: "r2", pipeline: "lib"), Self.event(11, run: "r1")]
            try await store.save(second, tenant: tenant)
            try await store.save(first, tenant: tenant)
            func found(_ subject: EventSubject, _ limit: Int = 10) async throws -> [StoredEvent] {
                try await store.events(of: subject, limit: limit, tenant: tenant)
            }
            #expect(try await found(.all) == second + first.reversed())
            #expect(try await found(.all, 1) == [second[0]])
            #expect(try await found(.pipeline("lib")) == [second[0]])
            #expect(try await found(.run(RunID("r1"))) == [second[1]] + first.reversed())
            #expect(try await found(.run(RunID("none"))) == [])
        }
    }

    @Test("An event that is there already stays as it is", arguments: StoreBackend.all)
    func eventTwice(_ backend: StoreBackend) async throws {
        try await backend.withStore { store in
            try await store.save([Self.event(1)], tenant: tenant)
            try await store.save([Self.event(1, says: "other"), Self.event(2)], tenant: tenant)
            let found = try await store.events(of: .all, limit: 10, tenant: tenant)
            #expect(found == [Self.event(2), Self.event(1)])
        }
    }
}
