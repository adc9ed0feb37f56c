import Builds
import Dispatch
import GRDB
import Testing

@testable import Storage

// The limit turns a caller who is never answered into a failure.
@Suite("Group commit", .timeLimit(.minutes(10)))
struct GroupCommitTests {
    /// A writer over a real database with tables `parents`, and `children` whose foreign key is checked at COMMIT.
    private func withWriter(
        capacity: Int = 1000, largestGroup: Int = 512,
        _ body: (GroupCommit, DatabaseQueue) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let database = try DatabaseQueue(path: folder + "/db.sqlite")
            try await database.write {
                try $0.execute(
                    sql: """
                        CREATE TABLE parents (id BIGINT PRIMARY KEY CHECK (id > 0));
                        CREATE TABLE children (id BIGINT REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED);
                        """)
            }
            let writer = GroupCommit(capacity: capacity, largestGroup: largestGroup) { body in
                try StoreError.translating {
                    try database.inTransaction(.immediate) { connection in
                        try body(SQLiteSession(database: connection))
                        return .commit
                    }
                }
            }
            try await body(writer, database)
            await writer.close()
        }
    }

    private static func insertParent(_ id: Int64) -> @Sendable (any SQLSession) throws -> Void {
        { _ = try $0.execute("INSERT INTO parents (id) VALUES ($1)", [.integer(id)]) }
    }

    private static func insertOrphan(_ session: any SQLSession) throws {
        try session.execute("INSERT INTO children (id) VALUES ($1)", [.integer(404)])
    }

    private func parents(_ database: DatabaseQueue) async throws -> [Int64] {
        try await database.read { try Int64.fetchAll($0, sql: "SELECT id FROM parents ORDER BY id") }
    }

    /// Holds the writer inside a transaction until `release` is called, and returns when it is held.
    private func hold(_ writer: GroupCommit) async -> (release: @Sendable () -> Void, done: Task<Void, any Error>) {
        let gate = DispatchSemaphore(value: 0)
        let (held, isHeld) = AsyncStream.makeStream(of: Void.self)
        let done = Task {
            try await writer.write { _ in
                isHeld.finish()
                gate.wait()
            }
        }
        for await _ in held {}
        return ({ gate.signal() }, done)
    }

    /// Starts one task per body while the writer is held, so that all of them fall into one group.
    private func queue(
        _ bodies: [@Sendable (any SQLSession) throws -> Void], on writer: GroupCommit
    ) async -> [Task<Void, any Error>] {
        var tasks: [Task<Void, any Error>] = []
        for body in bodies {
            let waiting = writer.figures.waiting
            tasks.append(Task { try await writer.write(body) })
            while writer.figures.waiting == waiting { await Task.yield() }
        }
        return tasks
    }

    @Test("Writes that wait together are committed together, in the order they came")
    func oneGroup() async throws {
        try await withWriter { writer, database in
            let (release, held) = await hold(writer)
            let tasks = await queue((1...40).map { Self.insertParent($0) }, on: writer)
            #expect(writer.figures.waiting == 40)
            release()
            try await held.value
            for task in tasks { try await task.value }
            #expect(writer.figures.commits == 2)
            #expect(writer.figures.writes == 41)
            #expect(writer.figures.waiting == 0)
            // One write alone, and forty together.
            #expect(writer.figures.groupSizes.counts.enumerated().filter { $0.element > 0 }.map(\.offset) == [0, 6])
            #expect(writer.figures.commitSeconds.counts.reduce(0, +) == 2)
            #expect(try await parents(database) == Array(1...40))
        }
    }

    @Test("A group takes no more than its limit")
    func groupLimit() async throws {
        try await withWriter(largestGroup: 15) { writer, _ in
            let (release, held) = await hold(writer)
            let tasks = await queue((1...40).map { Self.insertParent($0) }, on: writer)
            release()
            try await held.value
            for task in tasks { try await task.value }
            #expect(writer.figures.commits == 1 + 3)
        }
    }

    @Test("A refused write undoes itself alone")
    func refusedWrite() async throws {
        try await withWriter { writer, database in
            let (release, held) = await hold(writer)
            let tasks = await queue(
                [
                    Self.insertParent(1),
                    { session in
                        try Self.insertParent(2)(session)
                        throw StoreError.unknownRun("x")
                    },
                    Self.insertParent(-3),
                    Self.insertParent(4),
                ], on: writer)
            release()
            try await held.value
            try await tasks[0].value
            await #expect(throws: StoreError.unknownRun("x")) { try await tasks[1].value }
            await #expect(
                throws: StoreError.conflict("The database refuses this content: CHECK constraint failed: id > 0.")
            ) { try await tasks[2].value }
            try await tasks[3].value
            #expect(writer.figures.commits == 2)
            #expect(try await parents(database) == [1, 4])
        }
    }

    @Test("When a commit fails every caller of the group is told, nothing is kept, and the next group commits")
    func failedCommit() async throws {
        try await withWriter { writer, database in
            let (release, held) = await hold(writer)
            let tasks = await queue([Self.insertParent(1), Self.insertOrphan, Self.insertParent(2)], on: writer)
            release()
            try await held.value
            for task in tasks {
                let error = await #expect(throws: StoreError.self) { try await task.value }
                #expect(error?.isUnavailable == true)
            }
            #expect(try await parents(database) == [])
            try await writer.write(Self.insertParent(3))
            #expect(try await parents(database) == [3])
            #expect(writer.figures.commits == 2)
            #expect(writer.figures.writes == 2)
            #expect(writer.figures.waiting == 0)
        }
    }

    @Test("When the database fails half-way, callers before and after the failing one are told")
    func lostTransaction() async throws {
        try await withWriter { writer, database in
            let (release, held) = await hold(writer)
            let lost = StoreError.unavailable("disk gone")
            let tasks = await queue(
                [Self.insertParent(1), { _ in throw StoreError.unavailable("disk gone") }, Self.insertParent(2)],
                on: writer)
            release()
            try await held.value
            for task in tasks { await #expect(throws: lost) { try await task.value } }
            #expect(try await parents(database) == [])
        }
    }

    @Test("A full queue refuses the next write at once, and takes writes again when it has emptied")
    func overload() async throws {
        try await withWriter(capacity: 3) { writer, database in
            let (release, held) = await hold(writer)
            let tasks = await queue((1...3).map { Self.insertParent($0) }, on: writer)
            await #expect(throws: StoreError.overloaded(retryAfterSeconds: 1)) {
                try await writer.write(Self.insertParent(4))
            }
            release()
            try await held.value
            for task in tasks { try await task.value }
            try await writer.write(Self.insertParent(5))
            #expect(try await parents(database) == [1, 2, 3, 5])
        }
    }

    @Test("Closing carries out what is queued and refuses what comes later")
    func closing() async throws {
        try await withWriter { writer, database in
            let (release, held) = await hold(writer)
            let tasks = await queue((1...3).map { Self.insertParent($0) }, on: writer)
            let closed = Task { await writer.close() }
            release()
            await closed.value
            #expect(try await parents(database) == [1, 2, 3])
            await #expect(throws: StoreError.unavailable("The store is closed.")) {
                try await writer.write(Self.insertParent(4))
            }
            try await held.value
            for task in tasks { try await task.value }
        }
    }

    @Test("A caller cancelled beforehand writes nothing; one cancelled while it waits learns the truth")
    func cancellation() async throws {
        try await withWriter { writer, database in
            let (release, held) = await hold(writer)
            let waiting = await queue([Self.insertParent(1)], on: writer)[0]
            waiting.cancel()
            let early = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                try await writer.write(Self.insertParent(2))
            }
            await #expect(throws: CancellationError.self) { try await early.value }
            release()
            try await held.value
            try await waiting.value
            #expect(try await parents(database) == [1])
        }
    }
}
