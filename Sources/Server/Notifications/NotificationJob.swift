import Builds
import Foundation
import Sharing

extension JobKind {
    /// Somebody is to be told of something.
    static let notification: JobKind = "notification"
}

/// What a job of ``JobKind/notification`` says: where to look, never what to tell. That is in the store.
enum NotificationJob: Hashable, Codable, Sendable {
    /// A destination has something to do for a tenant.
    case delivery(tenant: String, destination: String)
    /// A step that is still part of a running build was killed for want of memory.
    case kill(tenant: String, run: String, span: String)

    init?(_ job: Job) {
        guard let this = try? JSONDecoder().decode(NotificationJob.self, from: Data(job.payload)) else { return nil }
        self = this
    }

    /// One of each waits at a time.
    var job: Job {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        // Strings are always JSON.
        let payload = (try? encoder.encode(self)).map(Array.init) ?? []
        return Job(.notification, payload: payload, key: String(decoding: payload, as: UTF8.self))
    }
}
