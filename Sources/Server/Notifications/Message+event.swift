import Builds
import Contract
import Notifications
import Storage

extension Message {
    /// - Returns: `nil` for an event of a later version, or one that nobody is to be told of.
    init?(_ numbered: NumberedEvent, tenant: TenantID) {
        guard let event = numbered.event.event, let kind = Self.kind(event.kind) else { return nil }
        let step = StepIdentity(pipeline: event.pipeline, stage: event.stage, step: event.step)
        let run = numbered.event.runID
        self.init(
            id: "event-\(numbered.number)", kind: kind, tenant: tenant.rawValue, step: step, runID: run.rawValue,
            at: Timestamp(rfc3339: event.at) ?? Timestamp(microseconds: 0),
            text: kind == .oom ? Self.withoutName(event) : event.text, facts: Self.facts(event),
            occurrence: kind == .oom ? Self.occurrence(of: step, in: run) : nil)
    }

    /// A kill of a step whose run goes on, perhaps for long: some hang after it.
    init(_ kill: MemoryKill, tenant: TenantID) {
        let occurrence = Self.occurrence(of: kill.step, in: kill.runID)
        self.init(
            id: "kill-\(occurrence)", kind: .oom, tenant: tenant.rawValue, step: kill.step,
            runID: kill.runID.rawValue, at: kill.at, text: kill.text(naming: .nothing), facts: Self.facts(kill.event),
            occurrence: occurrence)
    }

    /// An example of each kind, for people to look at.
    static func sample(_ kind: MessageKind, tenant: TenantID, at now: Timestamp) -> Message {
        let texts: [MessageKind: String] = [
            .oom: "OOM killed at 7.8 of 8 GiB; the next run gets at least 12 GiB.",
            .promise:
                "OOM kills came more often than accepted; memory is raised by a quarter for the next 10 runs.",
            .drift: "The step needs more memory than it used to: 6.1 GiB over 14 runs where 4.2 GiB were expected.",
            .anomaly: "Memory spike: 9.3 GiB where 4.2 GiB were expected.",
            .rollback:
                "16 jobs on 4 cores did clearly worse than the declared configuration would have; it is left out for "
                + "the next 20 runs.",
            .digest:
                "412 runs this week, 3 of them out of memory. 610 GiB·h of 1240 GiB·h that were asked for were used.",
        ]
        let step = StepIdentity(pipeline: "sample/pipeline", stage: "build", step: "link")
        return Message(
            id: "sample-\(kind.rawValue)-\(now.microseconds)", kind: kind, tenant: tenant.rawValue,
            step: kind == .digest ? StepIdentity(pipeline: "") : step, runID: kind == .digest ? nil : "sample-1",
            at: now, text: "This is a sample. " + (texts[kind] ?? ""),
            facts: kind == .oom ? [Fact("Had", "8 GiB"), Fact("Reached", "7.8 GiB"), Fact("Next run", "12 GiB")] : [])
    }

    private static func kind(_ name: String) -> MessageKind? {
        switch name {
        case MemoryKill.kind: .oom
        case "oom_rate": .promise
        default: MessageKind(rawValue: name)
        }
    }

    private static func occurrence(of step: StepIdentity, in run: RunID) -> String {
        [run.rawValue, step.stage, step.step].map(percentEncoded).joined(separator: "/")
    }

    /// The sentence of a kill names the step, and names are for who writes a payload.
    private static func withoutName(_ event: EventsAnswer.Event) -> String {
        let place = MemoryKill.place(StepIdentity(pipeline: event.pipeline, stage: event.stage, step: event.step))
        return place.isEmpty ? event.text : event.text.replacing(place, with: "", maxReplacements: 1)
    }

    private static func facts(_ event: EventsAnswer.Event) -> [Fact] {
        let facts: [(String, String?)] = [
            ("Had", event.had_gb.map(Figures.memory(gib:))), ("Reached", event.reached_gb.map(Figures.memory(gib:))),
            ("Next run", event.next_gb.map(Figures.memory(gib:))),
            ("Expected", event.before.map { Self.amount($0, event.unit) }),
            ("Came", event.after.map { Self.amount($0, event.unit) }),
            ("Runs", event.runs.map(String.init)),
        ]
        return facts.compactMap { label, value in value.map { Fact(label, $0) } }
    }

    private static func amount(_ value: Double, _ unit: String?) -> String {
        switch unit {
        case "gb": Figures.memory(gib: value)
        case "cpu_s": "\(Figures.duration(value)) of CPU"
        default: Figures.duration(value)
        }
    }
}
