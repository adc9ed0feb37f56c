import Logging
import Notifications
import ServiceLifecycle
import Sharing

/// Sends what is to be told, and looks around for what has come of age, until the server stops. What is on its way then is
/// finished; what waits is in the store.
struct NotificationService: Service {
    /// A receiver that is slow holds up one of them.
    private static let workers = 3

    let notifier: Notifier
    let queue: any WorkQueue<Never>
    let interval: Duration
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            guard await begin() else { return }
            await withTaskGroup { group in
                for _ in 1...Self.workers { group.addTask { await work() } }
                while await pause() {
                    do {
                        try await notifier.sweep()
                    } catch {
                        logger.warning("Due notifications could not be looked for; it is tried again", error: error)
                    }
                }
            }
        }
        await notifier.close()
    }

    /// - Returns: false when the server is shutting down.
    private func begin() async -> Bool {
        while true {
            do {
                try await notifier.sweep(isFirst: true)
                return true
            } catch {
                logger.error("Notifications could not begin; it is tried again", error: error)
            }
            guard await pause() else { return false }
        }
    }

    private func work() async {
        await JobWorker(.notification, of: queue).run { claim in
            // Of a later version: another server understands it, or nobody.
            guard let job = NotificationJob(claim.job) else { return }
            do {
                try await notifier.perform(job)
            } catch {
                logger.warning(
                    "Notifications could not be dealt with; it is tried again", error: error,
                    metadata: ["job.delivery": "\(claim.delivery)"])
                // The next look around finds what is due; a kill in a run that goes on it would not.
                if case .kill = job { throw error }
            }
        }
    }

    /// - Returns: false when the server is shutting down.
    private func pause() async -> Bool { (try? await Task.sleep(for: interval)) != nil }
}
