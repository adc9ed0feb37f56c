import Builds
import Contract
import Foundation
import Optimizer
import Storage

extension StoredEvent {
    /// - Parameter lesson: what was learned when the alert was raised.
    /// - Returns: `nil` only for an alert that JSON cannot say, which has numbers that are none.
    init?(_ alert: Alert, place: Int, of lesson: StoredLesson) {
        self.init(EventsAnswer.Event(alert), place: place, of: lesson)
    }

    /// - Returns: `nil` only for an event that JSON cannot say.
    init?(_ event: EventsAnswer.Event, place: Int, of lesson: StoredLesson) {
        guard let bytes = try? JSONEncoder().encode(event),
            let content = try? JSONDecoder().decode(JSONValue.self, from: bytes)
        else { return nil }
        self.init(
            lessonNumber: lesson.number, place: place, runID: lesson.runID, pipeline: event.pipeline, content: content)
    }

    /// As clients read it; `nil` when a later version wrote it.
    var event: EventsAnswer.Event? {
        guard let bytes = try? JSONEncoder().encode(content) else { return nil }
        return try? JSONDecoder().decode(EventsAnswer.Event.self, from: bytes)
    }
}

extension EventsAnswer.Event {
    fileprivate init(_ alert: Alert) {
        self.init(
            kind: alert.kind.rawValue, step: alert.step, at: alert.at, runID: alert.runID, text: alert.text,
            before: alert.before, after: alert.after, unit: alert.unit, runs: alert.runs)
    }
}
