import Builds
import Hummingbird
import NIOCore
import Synchronization

/// What is known of a request before it is known who asks.
struct APIRequestContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel
    /// Set by ``TokenMiddleware``.
    var caller: Caller?
    /// Set by ``SessionMiddleware``.
    var session: Session?
    /// How far the body has come; shared by all copies of this context.
    let bodyProgress = BodyProgress()

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}

/// A request whose token was accepted. Handlers that take this can run for a known tenant only.
struct TenantRequestContext: ChildRequestContext {
    var coreContext: CoreRequestContextStorage
    let caller: Caller
    var tenant: TenantID { caller.tenant }

    init(context: APIRequestContext) throws {
        guard let caller = context.caller else { throw APIError.forbidden() }
        coreContext = context.coreContext
        self.caller = caller
    }
}

/// How far a request's body has come.
final class BodyProgress: Sendable {
    enum State: Hashable, Sendable {
        case untouched, arriving, complete
    }

    private let current = Mutex(State.untouched)

    var state: State {
        get { current.withLock { $0 } }
        set { current.withLock { $0 = newValue } }
    }
}
