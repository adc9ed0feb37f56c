import Builds
import Optimizer
import Storage

/// What follows from a tenant's lessons up to ``position``, read in their order: the same on every server.
struct LearnedState: Sendable {
    var recommender: Recommender
    var baselines = DeclaredBaselines()
    /// Number of the newest lesson in it; 0 for none.
    private(set) var position: Int64 = 0
    /// The version in force as the store says, also when it cannot be used here; `nil` for none.
    private(set) var activeModel: String?

    init(configuration: OptimizerConfiguration) { recommender = Recommender(configuration: configuration) }

    /// True when the step of the lesson was put aside: ``recall(_:lessons:)`` comes first.
    func mustRecall(for stored: StoredLesson) -> Bool { recommender.isParked(stored.lesson.outcome.step) }

    /// - Returns: what the lesson gave cause to say.
    mutating func learn(_ stored: StoredLesson) -> [StoredEvent] {
        let before = recommender.alertCount
        recommender.observe(stored.lesson.outcome, ticket: TicketBytes.decode(stored.lesson.ticket))
        baselines.learn(stored.lesson.outcome)
        position = stored.number
        let raised = recommender.alerts.suffix(recommender.alertCount - before)
        var events = raised.enumerated().compactMap { place, alert in
            StoredEvent(alert, place: place, of: stored)
        }
        if let kill = MemoryKill(stored.lesson.outcome, of: stored.runID),
            let event = StoredEvent(kill.event, place: raised.count, of: stored)
        {
            events.append(event)
        }
        return events
    }

    /// - Parameter model: `nil` when it cannot be used here; the closed form then decides.
    mutating func install(_ model: MemoryTreeModel?, version: String?) {
        recommender.install(model)
        activeModel = version
    }
}

extension PastLesson {
    /// `nil` when its ticket was written by a version this one does not read.
    init?(_ stored: StoredLesson) {
        guard let ticket = TicketBytes.decode(stored.lesson.ticket) else { return nil }
        self.init(outcome: stored.lesson.outcome, ticket: ticket)
    }
}
