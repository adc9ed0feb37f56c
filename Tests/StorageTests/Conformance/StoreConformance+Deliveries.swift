import Builds
import Testing

@testable import Storage

extension StoreConformance {
    private static func event(_ lesson: Int64, _ place: Int = 0) -> StoredEvent {
        StoredEvent(lessonNumber: lesson, place: place, runID: RunID("r1"), pipeline: "app", content: "odd")
    }

    private static func delivery(
        _ destination: String = "ops", version: Int64 = 0, position: Int64 = 0, dueAt: Timestamp? = nil,
        state: JSONValue = .object(["pending": .array(["ü \"<!channel>\""])])
    ) -> StoredDelivery {
        StoredDelivery(
            destination: destination, version: version, position: position, dueAt: dueAt, state: state)
    }

    @Test(
        "Events are read in the order they were kept, whatever the order of their lessons", arguments: StoreBackend.all)
    func eventsAfter(_ backend: StoreBackend) async throws {
        try await backend.withStore { store async throws in
            #expect(try await store.newestEvent(tenant: tenant) == 0)
            try await store.save([Self.event(9), Self.event(9, 1)], tenant: tenant)
            try await store.save([Self.event(9), Self.event(4), Self.event(11)], tenant: tenant)
            try await store.save([Self.event(1)], tenant: otherTenant)
            let all = try await store.events(after: 0, limit: 10, tenant: tenant)
            #expect(all.map(\.event) == [Self.event(9), Self.event(9, 1), Self.event(4), Self.event(11)])
            #expect(all.map(\.number) == [1, 2, 3, 4])
            #expect(try await store.newestEvent(tenant: tenant) == 4)
            #expect(try await store.events(after: 1, limit: 2, tenant: tenant) == Array(all[1...2]))
            #expect(try await store.events(after: 4, limit: 10, tenant: tenant) == [])
            #expect(try await store.events(after: 0, limit: 10, tenant: otherTenant).map(\.number) == [1])
        }
    }

    @Test("Events of an older version have no number: they are old news", arguments: StoreBackend.all)
    func olderEvents(_ backend: StoreBackend) async throws {
        try await withTemporaryFolder { folder in
            let old = try await backend.open(folder, migrations: Array(Migration.all.prefix(6)))
            try await old.keepCompletedRun("r1", tenant: tenant)
            _ = try await old.write { session in
                try session.execute(
                    "INSERT INTO events (tenant_id, lesson_number, place, run_id, pipeline, content) "
                        + "VALUES ($1, 1, 0, 'r1', 'app', '\"odd\"')", [.text(tenant.rawValue)])
            }
            try await old.close()
            let new = try await backend.open(folder)
            #expect(try await new.events(of: .all, limit: 10, tenant: tenant) == [Self.event(1)])
            #expect(try await new.events(after: 0, limit: 10, tenant: tenant) == [])
            try await new.save([Self.event(1), Self.event(2)], tenant: tenant)
            #expect(try await new.events(after: 0, limit: 10, tenant: tenant).map(\.event) == [Self.event(2)])
            try await new.close()
        }
    }

    @Test(
        "Of two that keep where a destination stands, the one who read before the other is refused",
        arguments: StoreBackend.all)
    func deliveryVersions(_ backend: StoreBackend) async throws {
        try await backend.withStore { store async throws in
            #expect(try await store.delivery(to: "ops", tenant: tenant) == nil)
            #expect(try await store.save(Self.delivery(), tenant: tenant))
            let first = try #require(try await store.delivery(to: "ops", tenant: tenant))
            #expect(first == Self.delivery(version: 1))
            // Somebody who saw none, somebody who saw an older one, and the same word again.
            #expect(try await store.save(Self.delivery(position: 7), tenant: tenant) == false)
            let second = Self.delivery(version: 1, position: 3, dueAt: time(5), state: "x")
            #expect(try await store.save(second, tenant: tenant))
            #expect(try await store.save(Self.delivery(version: 1, position: 4), tenant: tenant) == false)
            #expect(try await store.save(second, tenant: tenant))
            let found = try await store.delivery(to: "ops", tenant: tenant)
            #expect(found == Self.delivery(version: 2, position: 3, dueAt: time(5), state: "x"))
            #expect(try await store.delivery(to: "ops", tenant: otherTenant) == nil)
            #expect(try await store.delivery(to: "other", tenant: tenant) == nil)
        }
    }

    @Test("One of many that keep at once is heard", arguments: StoreBackend.all)
    func deliveryRace(_ backend: StoreBackend) async throws {
        try await backend.withStore { store async throws in
            let kept = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 1...20 {
                    group.addTask { try await store.save(Self.delivery(position: Int64(number)), tenant: tenant) }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(kept == 1)
        }
    }

    @Test("Due is what has come of age, and what has not seen the newest event", arguments: StoreBackend.all)
    func dueDeliveries(_ backend: StoreBackend) async throws {
        try await backend.withStore { store async throws in
            try await store.keepCompletedRun("r1", tenant: otherTenant)
            try await store.save([Self.event(1), Self.event(2)], tenant: tenant)
            _ = try await store.save(Self.delivery("behind", position: 1), tenant: tenant)
            _ = try await store.save(Self.delivery("done", position: 2), tenant: tenant)
            _ = try await store.save(Self.delivery("later", position: 2, dueAt: time(10)), tenant: tenant)
            _ = try await store.save(Self.delivery("now", dueAt: time(5)), tenant: otherTenant)
            func due(_ seconds: Double, _ limit: Int = 10) async throws -> [String] {
                try await store.dueDeliveries(at: time(seconds), limit: limit).map {
                    "\($0.tenant) \($0.destination)"
                }
            }
            #expect(try await due(4) == ["acme behind"])
            #expect(try await due(5) == ["acme behind", "globex now"])
            #expect(try await due(10) == ["acme behind", "acme later", "globex now"])
            #expect(try await due(10, 1) == ["acme behind"])
        }
    }
}
