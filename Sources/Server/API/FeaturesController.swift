import Builds
import Contract
import Hummingbird
import Optimizer
import Storage

/// `/features/{run_id}`: a run as learning sees it, described by earlier runs only, and what it came to.
struct FeaturesController: Sendable {
    /// As many as the description looks back on.
    private static let earlierRuns = 200

    let store: any Store

    func addRoutes(to routes: RouterGroup<TenantRequestContext>) {
        routes.get("/features/:run_id", use: show)
    }

    @Sendable private func show(_ request: Request, context: TenantRequestContext) async throws -> Response {
        let stored = try await store.run(namedByClient: context.pathParameter("run_id"), tenant: context.tenant)
        let earlier = try await store.runs(
            of: stored.run.pipeline, before: stored.number, limit: Self.earlierRuns, tenant: context.tenant)
        let vector = FeatureVector.describe(
            run: stored.run, steps: stored.knownSteps,
            earlier: earlier.map { RunRecord(run: $0.run, steps: $0.knownSteps) })
        return try .json(
            FeaturesAnswer(
                runID: stored.run.id,
                vector: Dictionary(
                    vector.features.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first }),
                label: Self.label(of: stored), createdAt: stored.run.startedAt))
    }

    /// What the run came to; every value `null` until it is known.
    private static func label(of stored: StoredRun) -> [String: Double?] {
        let completion = stored.run.completion
        let usages = stored.knownSteps.compactMap { $0.stop?.usage }
        let cpuSeconds = usages.compactMap(\.totalCPUSeconds)
        let wasKilled = completion?.status == .oomKilled || usages.contains { ($0.oomKills ?? 0) > 0 }
        return [
            "duration_s": completion?.durationSeconds,
            "success": completion.map { $0.status == .success ? 1 : 0 },
            "oom_killed": completion.map { _ in wasKilled ? 1 : 0 },
            "peak_memory_gb": usages.compactMap(\.sizingPeakBytes).max().map(Units.gib(bytes:)),
            "cpu_time_s": cpuSeconds.isEmpty ? nil : cpuSeconds.reduce(0, +),
        ]
    }
}

extension Store {
    /// By the client's own id, else by the number `POST /runs` answered with.
    ///
    /// - Throws: ``APIError`` 404.
    func run(namedByClient name: String, tenant: TenantID) async throws -> StoredRun {
        if let stored = try await run(RunID(name), tenant: tenant) { return stored }
        if let number = Int64(name), let stored = try await run(numbered: number, tenant: tenant) { return stored }
        throw APIError.notFound("There is no run '\(name)'.")
    }
}
