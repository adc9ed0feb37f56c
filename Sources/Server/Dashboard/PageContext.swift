import Builds
import Hummingbird

/// A request of somebody who is signed in. Handlers that take this can run for a known tenant only.
struct PageContext: ChildRequestContext {
    var coreContext: CoreRequestContextStorage
    let session: Session
    var tenant: TenantID { session.caller.tenant }

    init(context: APIRequestContext) throws {
        guard let session = context.session else { throw APIError.signedOut() }
        coreContext = context.coreContext
        self.session = session
    }
}
