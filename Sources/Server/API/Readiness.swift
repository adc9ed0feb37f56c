import Builds
import Sharing
import Storage

/// Asks everything the server depends on how it is.
struct Readiness: Sendable {
    let store: any Store
    let learner: Learner
    let drain: Drain

    struct Report: Encodable, Sendable {
        struct Dependency: Encodable, Sendable {
            /// `up`, `down`; `ready`, `rebuilding`; `available`, `absent`; of what servers share: `alone`, `up`, `degraded`.
            var status: String
            var latency_ms: Double?
            var tenants: Int?
            var tenants_behind: Int?
        }

        var status: String
        var version = Version.current
        var dependencies: [String: Dependency]

        /// Degraded is no reason to send requests elsewhere: nothing is lost, and others are degraded, too.
        var isReady: Bool { status == "ready" || status == "degraded" }
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
        let sharing = learner.resources.sharing.state
        let status =
            !isUp ? "unavailable" : drain.hasBegun ? "draining" : sharing.isDegraded ? "degraded" : "ready"
        return Report(
            status: status,
            dependencies: [
                "sharing": .init(sharing),
                "store": .init(status: isUp ? "up" : "down", latency_ms: (elapsed * 1000).rounded() / 1000),
                // Requests wait for a rebuild, so one under way is no reason to send them elsewhere.
                "learner": .init(
                    status: learning.isWarm ? "ready" : "rebuilding", tenants: learning.tenantsInMemory,
                    tenants_behind: learning.tenantsBehind),
                "lightgbm": .init(status: learner.resources.training.library == nil ? "absent" : "available"),
            ])
    }
}

extension Readiness.Report.Dependency {
    fileprivate init(_ sharing: SharingState) {
        switch sharing {
        case .alone: self.init(status: "alone")
        case .up(let seconds): self.init(status: "up", latency_ms: (seconds * 1e6).rounded() / 1000)
        case .degraded: self.init(status: "degraded")
        }
    }
}
