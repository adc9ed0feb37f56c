import Builds
import Optimizer

/// What builds did, by tenant and pipeline: of as many pipelines as a scraper can bear, and of all others together.
///
/// Counted once for all servers of a database, by the one that learned the run. Sums begin with the process, as counters do.
struct BuildFigures: Sendable {
    /// A tenant's pipeline, as labels.
    struct Name: Hashable, Comparable, Sendable {
        var tenant: String
        var pipeline: String

        static func < (one: Name, other: Name) -> Bool {
            (one.tenant, one.pipeline) < (other.tenant, other.pipeline)
        }
    }

    /// Stands for all that have no series of their own.
    static let rest = "*"
    /// Tenants that have series of their own. More than one operator looks after.
    static let tenantLimit = 100
    /// A run that ended longer ago than this is history that somebody brings, and nothing that happens now. Long enough for
    /// a report that waited for a server over night.
    static let lateSeconds = 86_400.0

    /// Pipelines of all tenants that have series of their own; those that come first.
    let pipelineLimit: Int
    private(set) var pipelines: [Name: PipelineFigures] = [:]
    /// What learning had to say, by tenant.
    private(set) var events: [String: [Alert.Kind: UInt64]] = [:]
    private(set) var lateBuilds: UInt64 = 0
    private var tenants: Set<String> = []

    init(pipelineLimit: Int) { self.pipelineLimit = pipelineLimit }

    mutating func add(_ build: BuildAccount, tenant: TenantID, now: Timestamp) {
        guard now.seconds(since: build.endedAt) <= Self.lateSeconds else {
            lateBuilds += 1
            return
        }
        pipelines[name(of: build.pipeline, tenant), default: PipelineFigures()].add(build)
    }

    mutating func add(_ event: Alert.Kind, tenant: TenantID) {
        events[label(tenant), default: [:]][event, default: 0] += 1
    }

    private mutating func name(of pipeline: String, _ tenant: TenantID) -> Name {
        let name = Name(tenant: label(tenant), pipeline: pipeline)
        if pipelines[name] != nil { return name }
        let isOwn =
            name.tenant != Self.rest && pipelines.keys.count(where: { $0.pipeline != Self.rest }) < pipelineLimit
        return isOwn ? name : Name(tenant: name.tenant, pipeline: Self.rest)
    }

    private mutating func label(_ tenant: TenantID) -> String {
        guard !tenants.contains(tenant.rawValue) else { return tenant.rawValue }
        guard tenants.count < Self.tenantLimit else { return Self.rest }
        tenants.insert(tenant.rawValue)
        return tenant.rawValue
    }
}
