import Builds
import Contract
import Hummingbird
import Notifications

/// `/notifications`: who is told of the tenant's events, and how that goes.
struct NotificationsController: Sendable {
    /// `nil` when nobody is told.
    let notifier: Notifier?

    func addRoutes(to routes: RouterGroup<TenantRequestContext>) {
        routes.get("/notifications", use: list)
    }

    @Sendable private func list(_ request: Request, context: TenantRequestContext) async throws -> Response {
        var answers: [NotificationsAnswer.Destination] = []
        let destinations = notifier?.destinations ?? []
        for destination in destinations where destination.serves(tenant: context.tenant.rawValue) {
            let state = try await notifier?.ledger.state(of: destination, tenant: context.tenant)
            answers.append(NotificationsAnswer.Destination(destination, state))
        }
        return try .json(NotificationsAnswer(destinations: answers))
    }
}

extension NotificationsAnswer.Destination {
    fileprivate init(_ destination: Destination, _ state: DeliveryState?) {
        self.init(
            name: destination.name, kind: destination.kind.rawValue,
            events: MessageKind.allCases.filter(destination.events.contains).map(\.rawValue),
            pending: state?.pending.count ?? 0, held: state?.heldCount ?? 0, failures: state?.failures ?? 0,
            nextTryAt: state.flatMap { $0.pending.isEmpty ? nil : $0.dueAt(destination.policy) },
            lastSentAt: state?.lastSentAt, lastProblem: state?.lastProblem,
            dead: (state?.dead ?? []).reversed().map(NotificationsAnswer.DeadLetter.init))
    }
}

extension NotificationsAnswer.DeadLetter {
    fileprivate init(_ letter: DeliveryState.DeadLetter) {
        let message = letter.message
        self.init(
            kind: message.kind.rawValue, about: message.step, text: message.text, count: message.count,
            attempts: letter.attempts, at: letter.at, reason: letter.reason)
    }
}
