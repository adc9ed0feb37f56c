import ServiceLifecycle

/// Rebuilds what was learned when the server starts, and tries again what could not be learned.
struct LearnerService: Service {
    /// A database that was away is noticed within this; trying costs nothing when nothing is left.
    static let retryInterval = Duration.seconds(5)

    let learner: Learner

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskCancellationHandler {
                await warmUp()
                while await sleeps(Self.retryInterval) { await learner.retry() }
            } onCancel: {
                // Others may wait for what is under way, so it does not end by being cancelled here. It may have minutes to go.
                Task { await learner.finish() }
            }
        }
        await learner.finish()
    }

    private func warmUp() async {
        while true {
            do {
                return try await learner.warmUp()
            } catch {
                learner.resources.logger.error("Learned state could not be rebuilt; it is tried again", error: error)
            }
            guard await sleeps(Self.retryInterval) else { return }
        }
    }

    /// - Returns: false when the server is shutting down.
    private func sleeps(_ duration: Duration) async -> Bool {
        do {
            try await Task.sleep(for: duration)
            return true
        } catch {
            return false
        }
    }
}
