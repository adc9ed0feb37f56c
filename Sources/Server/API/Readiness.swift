import Builds
import Storage

/// Asks everything the server depends on how it is.
struct Readiness: Sendable {
    let store: any Store
    let learner: Learner

    struct Report: Encodable, Sendable {
        struct Dependency: Encodable, Sendable {
            /// `up`, `down`; `ready`, `rebuilding`; `available`, `absent`.
            var status: String
            var latency_ms: Double?
            var tenants: Int?
            var tenants_behind: Int?
        }

        var status: String
        var version = Version.current
        var dependencies: [String: Dependency]

        var isReady: Bool { status == "ready" }
    }

    func report() async -> Report {
        let clock = ContinuousClock()
        let began = clock.now
        let isUp: Bool
        do {
            try await store.ping()
            isUp = true
        } catch {
            learner.resources.logger.error("Store does not answer", error: error)
            isUp = false
        }
        let elapsed = began.duration(to: clock.now) / Duration.milliseconds(1)
        let learning = await learner.status
        return Report(
            status: isUp ? "ready" : "unavailable",
            dependencies: [
                "store": .init(status: isUp ? "up" : "down", latency_ms: (elapsed * 1000).rounded() / 1000),
                // Requests wait for a rebuild, so one under way is no reason to send them elsewhere.
                "learner": .init(
                    status: learning.isWarm ? "ready" : "rebuilding", tenants: learning.tenantsInMemory,
                    tenants_behind: learning.tenantsBehind),
                "lightgbm": .init(status: learner.resources.training.library == nil ? "absent" : "available"),
            ])
    }
}
