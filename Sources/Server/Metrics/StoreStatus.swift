import Builds
import Storage

/// What the database says for a page of metrics.
struct StoreStatus: Sendable {
    /// Rows ever written, by kind.
    var rows: [String: Int64]
    /// Runs that are over and not learned from yet.
    var unlearnedRuns: Int64
    var models: [TenantID: ModelStatus]

    /// How long a page waits: a scraper's own patience is ten seconds, and the rest of the page is worth having.
    static let patience = Duration.seconds(2)

    /// - Parameter viewer: whose models are asked for; `nil` for all tenants'.
    /// - Returns: `nil` when the database does not answer in time.
    static func read(_ store: any Store, viewer: TenantID?, now: Timestamp) async -> StoreStatus? {
        let reading = Task<StoreStatus, any Error> {
            var status = StoreStatus(
                rows: try await store.counts(), unlearnedRuns: try await store.unlearnedRunCount(), models: [:])
            let tenants = try await store.tenants().filter { viewer == nil || $0 == viewer }
            for tenant in tenants.prefix(BuildFigures.tenantLimit) {
                let models = try await store.models(tenant: tenant)
                guard !models.isEmpty else { continue }
                let position = try await store.learningPosition(tenant: tenant)
                status.models[tenant] = ModelStatus(models, lessons: position.newestLesson, now: now)
            }
            return status
        }
        let status = try? await reading.value(within: patience)
        if status == nil { reading.cancel() }
        return status ?? nil
    }
}
