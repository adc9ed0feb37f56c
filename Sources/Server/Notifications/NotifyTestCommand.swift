import Builds
import Foundation
import Notifications

/// `notify-test`: sends a sample to a destination, past the queue and everything that waits, and says what came of it.
struct NotifyTestCommand: Sendable {
    let settings: NotificationSettings

    /// - Parameter event: a ``MessageKind``; an OOM kill when not named.
    /// - Returns: what to tell the operator.
    /// - Throws: ``ConfigurationError`` for a name that is none; ``NotSent``.
    func run(destination name: String, event: String?, tenant: TenantID, clock: WallClock = .system) async throws
        -> String
    {
        guard let destination = settings.destinations.first(where: { $0.name == name }) else {
            let names = settings.destinations.map(\.name).joined(separator: ", ")
            throw ConfigurationError(
                key: "--destination",
                names.isEmpty
                    ? "names '\(name)', and notify-destinations names none" : "is one of \(names), not '\(name)'")
        }
        let word = event ?? MessageKind.oom.rawValue
        guard let kind = MessageKind(rawValue: word), destination.kind.usualEvents.contains(kind) else {
            let known = destination.kind.usualEvents.map(\.rawValue).sorted().joined(separator: ", ")
            throw ConfigurationError(key: "--event", "is one of \(known), not '\(word)'")
        }
        let sender = Sender(origin: settings.publicURL ?? "/inframind")
        let now = clock.now()
        var message = Message.sample(kind, tenant: tenant, at: now)
        message.link = settings.publicURL
        let outcome = await sender.send(message, to: destination, at: now)
        await sender.shutdown()
        switch outcome {
        case .delivered: return "'\(name)' (\(destination.kind.rawValue)) took a sample of '\(kind.rawValue)'."
        case .rejected(let reason), .failed(let reason): throw NotSent(destination: name, reason: reason)
        case .throttled: throw NotSent(destination: name, reason: "it asks to wait (429)")
        }
    }

    struct NotSent: Error, Hashable, CustomStringConvertible {
        var destination: String
        var reason: String

        var description: String { "'\(destination)' did not take the sample: \(reason)" }
    }
}
