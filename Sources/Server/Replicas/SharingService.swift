import ServiceLifecycle
import Sharing

/// Keeps up the connection to what servers share.
struct SharingService: Service {
    let sharing: SharedServices

    func run() async throws {
        await sharing.start()
        try? await gracefulShutdown()
        await sharing.close()
    }
}
