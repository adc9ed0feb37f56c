import Logging
import ServiceLifecycle
import Storage
import Synchronization

/// Work that one of the servers of a database does now and then.
struct ScheduledTask: Sendable {
    var name: String
    var interval: Duration
    /// Two servers may do it at once for a moment.
    var work: @Sendable () async throws -> Void
}

/// Does the scheduled work while this server leads.
final class LeaderService: Service {
    /// How soon another server takes over when the leader ends.
    private static let interval = Duration.seconds(5)

    private let leadership: any Leadership
    private let tasks: [ScheduledTask]
    private let logger: Logger
    private let leads = Mutex(false)

    init(leadership: any Leadership, tasks: [ScheduledTask], logger: Logger) {
        self.leadership = leadership
        self.tasks = tasks
        self.logger = logger
    }

    var isLeader: Bool { leads.withLock { $0 } }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var dueAt = self.tasks.map { _ in ContinuousClock.now }
            repeat {
                guard await self.takesLead() else { continue }
                for (index, task) in self.tasks.enumerated() where dueAt[index] <= .now && !Task.isCancelled {
                    await self.perform(task)
                    dueAt[index] = .now + task.interval
                }
            } while (try? await Task.sleep(for: Self.interval)) != nil
        }
        await leadership.resign()
    }

    private func takesLead() async -> Bool {
        let isLeader = await leadership.isLeader()
        let hasChanged = leads.withLock { leads in
            defer { leads = isLeader }
            return leads != isLeader
        }
        if hasChanged { logger.info(isLeader ? "This server leads now" : "This server leads no longer") }
        return isLeader
    }

    private func perform(_ task: ScheduledTask) async {
        do {
            try await task.work()
        } catch {
            logger.error(
                "Scheduled work failed; it is tried again", error: error, metadata: ["task.name": "\(task.name)"])
        }
    }
}
