import Builds
import ServiceLifecycle
import Sharing

/// Hears what other servers changed, and reads it.
struct NoticeListener: Service {
    let learner: Learner

    func run() async throws {
        let resources = learner.resources
        await cancelWhenGracefulShutdown {
            for await heard in resources.sharing.notices.notices() {
                switch heard {
                case .changed(let notice) where notice.publisher == resources.serverID: break
                case .changed(let notice): await learner.refresh(TenantID(notice.tenant))
                case .mayHaveMissedSome: await learner.refresh(nil)
                }
            }
        }
    }
}
