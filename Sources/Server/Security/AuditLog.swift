import Builds
import Logging
import Storage

/// The record of what was changed by hand: in the store, and as a line of the server's log.
struct AuditLog: Sendable {
    let store: any TokenStore
    let clock: WallClock
    let logger: Logger

    /// The record of something that is about to be done in the same transaction.
    func entry(_ action: String, _ subject: String, by caller: Caller) -> AuditEntry {
        AuditEntry(at: clock.now(), actor: caller.actor, action: action, subject: subject)
    }

    /// Records what was done.
    func record(_ action: String, _ subject: String, by caller: Caller) async throws {
        let entry = entry(action, subject, by: caller)
        try await store.record(entry, tenant: caller.tenant)
        tell(entry, caller.tenant)
    }

    func tell(_ entry: AuditEntry, _ tenant: TenantID) {
        logger.notice(
            "Audit",
            metadata: [
                "tenant.id": "\(tenant)", "audit.actor": "\(entry.actor)", "audit.action": "\(entry.action)",
                "audit.subject": "\(entry.subject)",
            ])
    }
}
