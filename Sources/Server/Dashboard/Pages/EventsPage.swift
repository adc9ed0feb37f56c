import Builds
import Storage

/// `/ui/events`: drift, anomalies, rollbacks, too many OOM kills.
struct EventsPage: Sendable {
    static let perPage = 50

    var pipeline: String?
    var events: [StoredEvent]
    var next: EventPosition?

    var body: HTML {
        """
        \(pipeline.map { "<p class=\"crumbs\"><a href=\"/ui/events\">All events</a> / \(Link.pipeline($0).html("\($0)"))</p>" as HTML })
        <h1>Events</h1>
        <p class="lead">What learning had to say, newest first. Events never change what is recommended; they say where to look.
        Who changed what by hand is in the <a href="/ui/audit">audit log</a>.</p>
        \(events.isEmpty ? empty : "<div class=\"panel\"><ul class=\"plain\">\(events.map { EventItem($0).html })</ul></div>" as HTML)
        \(next.map { position in
            "<p class=\"pager\">\(Link("/ui/events", ["pipeline": pipeline, "before": String(position.lessonNumber), "place": String(position.place)]).html("Older"))</p>" as HTML
        })
        """
    }

    private var empty: HTML {
        """
        <div class="note"><p>Nothing yet. <strong>Anomaly</strong>: one run far from what was expected. <strong>Drift</strong>: a step has
        changed for good. <strong>Rollback</strong>: settings did worse than the declared ones and rest. <strong>Too many OOM kills</strong>:
        more than was accepted, so limits are raised for a while. They need five runs of a step.</p></div>
        """
    }
}
