import Logging
import ServiceLifecycle
import Storage

/// Keeps the store open as long as anything runs; closes it last.
struct StoreService: Service {
    let store: any Store
    let logger: Logger

    func run() async throws {
        // Throws when cancelled because another service failed; the store is closed then, too.
        try? await gracefulShutdown()
        do {
            try await store.close()
        } catch {
            logger.error("Store could not be closed", error: error)
        }
    }
}
