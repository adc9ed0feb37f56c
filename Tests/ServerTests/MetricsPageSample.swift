import Builds
import Contract
import Ingest
import Optimizer
import Storage

@testable import Server
@testable import Sharing

extension MetricsPage {
    /// A page with every family there is.
    static func complete(viewer: TenantID? = nil) -> MetricsPage {
        let metrics = ServerMetrics(pipelineLimit: 2)
        metrics.requestEnded(route: "/runs", method: "POST", status: 422, seconds: 0.004, isReport: true)
        let now = Timestamp(seconds: 1_900_000_000)
        for (tenant, pipeline) in [("red", "shop/cart"), ("blue", "quotes \"and\" \\"), ("blue", "beyond the limit")] {
            let build = BuildAccount(.sample(pipeline, endedAt: now), [])
            metrics.learned(1, from: build, tenant: TenantID(tenant), now: now)
            metrics.raised(.drift, tenant: TenantID(tenant))
        }
        var counts = metrics.counts
        counts.guardrailActions = ["observed_peak": 3]
        counts.notifications = ["pages": [.sent: 1]]
        counts.retentionEndedAt = now
        let model = ModelStatus(
            [
                StoredModel(
                    version: "m", createdAt: now, isActive: true,
                    metrics: [
                        "pinball_loss": 0.1, ModelChoice.rivalLoss: 0.2, "coverage": 0.9, ModelChoice.lessons: 50,
                    ], bytes: [])
            ], lessons: 70, now: now.advanced(bySeconds: 60))
        var models: [TenantID: ModelStatus] = [:]
        models[TenantID("red")] = model
        models[TenantID("blue")] = model
        return MetricsPage(
            counts: counts,
            learner: Learner.Status(isWarm: true, tenantsInMemory: 2, tenantsBehind: 0, trainingsRunning: 0),
            isLearnerAvailable: true, storeFigures: StoreFigures(),
            store: StoreStatus(rows: ["runs": 3], unlearnedRuns: 0, models: models), startedAt: now,
            replica: ReplicaStatus(
                isLeader: true, isDraining: false, sharing: .up(latencySeconds: 0.001), redis: SharingFigures(),
                jobs: ["training": QueueFigures(waiting: 1, claimed: 0, dead: 0)]),
            process: ProcessFigures(
                cpuSeconds: 1.5, residentBytes: 40 << 20, threads: 9, openDescriptors: 20, descriptorLimit: 1024),
            viewer: viewer)
    }
}

extension Run {
    /// A run that succeeded after a minute.
    static func sample(_ pipeline: String, endedAt end: Timestamp) -> Run {
        Run(
            id: RunID("r"), pipeline: pipeline, branch: "main", commit: "", image: "",
            startedAt: end.advanced(bySeconds: -60),
            completion: RunCompletion(status: .success, durationSeconds: 60))
    }
}
