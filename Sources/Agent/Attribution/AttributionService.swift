import Builds
import Glibc
import Telemetry

/// Attribution and its outbox in the agent's event loop: looks when it is time or when a followed process ends, posts
/// what has ended, and shows on the page how that goes.
final class AttributionService: Timed, Collector {
    let name = "attribution"
    private(set) var dueNanoseconds: Int64 = 0

    private var attribution: Attribution
    private var outbox: Outbox
    private let loop: EventLoop
    private let log: (String) -> Void
    private var watched: [DescriptorInterest] = []
    private var lookWatch: Watch?
    private var postWatch: Watch?
    /// What was said last of each trouble; said once until it changes.
    private var complaints: [String: String] = [:]

    /// Wakes the service: for a look when a process has ended or the kubelet answers, or only to go on posting.
    private final class Watch: EventHandler {
        private weak var service: AttributionService?
        private let mustLook: Bool

        init(_ service: AttributionService, mustLook: Bool) {
            self.service = service
            self.mustLook = mustLook
        }

        func ready() { service?.advance(mustLook: mustLook) }
    }

    /// A look or a report that is due waits at most so long when the clock is asked for "never".
    private static let longestWaitSeconds = 3600.0

    /// - Throws: ``KernelFileError`` when there is no proc file system.
    init(
        _ attribution: Attribution.Configuration, _ outbox: Outbox.Configuration, _ loop: EventLoop,
        log: @escaping (String) -> Void
    ) throws(KernelFileError) {
        self.attribution = try Attribution(attribution)
        self.outbox = Outbox(outbox)
        self.loop = loop
        self.log = log
    }

    /// Begins. Until ``stop()`` the loop holds it.
    func start() {
        lookWatch = Watch(self, mustLook: true)
        postWatch = Watch(self, mustLook: false)
        loop.add(self)
    }

    /// Lets go of the loop. Reports that wait are on disk.
    func stop() {
        for interest in watched { loop.forget(interest.descriptor) }
        watched = []
        loop.remove(self)
    }

    func fire(at now: Int64) { advance(mustLook: false) }

    private func advance(mustLook: Bool) {
        let moment = Moment.now()
        if mustLook || moment.monotonicSeconds >= attribution.nextLookSeconds {
            for step in attribution.observe(at: moment) { outbox.add(step) }
        }
        outbox.advance(at: moment)
        watchAgain()
        let next = min(attribution.nextLookSeconds, outbox.nextSeconds)
        let wait = min(Self.longestWaitSeconds, max(0, next - moment.monotonicSeconds))
        dueNanoseconds = monotonicNanoseconds() + Int64(wait * 1e9)
        complain("exit records are not used", attribution.exitRecordsReason)
        complain("pods", attribution.podTrouble)
        complain("reports wait in memory alone", outbox.spool.reasonForMemory)
        complain("reports wait", outbox.trouble)
    }

    /// Which descriptors there are changes with every look, and a number may come back as another file's. So all are
    /// given up and taken anew; nobody else opens one in between.
    private func watchAgain() {
        for interest in watched { loop.forget(interest.descriptor) }
        watched = []
        for interest in attribution.interests { watch(interest, lookWatch) }
        if let interest = outbox.interest { watch(interest, postWatch) }
    }

    private func watch(_ interest: DescriptorInterest, _ handler: Watch?) {
        guard let handler else { return }
        if loop.watch(interest.descriptor, for: interest.isForWriting ? .writing : .reading, handler) {
            watched.append(interest)
        }
    }

    private func complain(_ subject: String, _ reason: String?) {
        if let reason, complaints[subject] != reason { log("\(subject): \(reason)") }
        complaints[subject] = reason
    }

    func collect(into page: MetricsWriter) throws(CollectorFailure) {
        let counts = attribution.counts
        page.gauge("inframind_agent_attribution_steps", help: "Steps that are followed now.")
        page.sample(counts.followed)
        page.counter(
            "inframind_agent_attribution_steps_total", help: "Steps that were followed, by what became of them.")
        for source in CPUSource.allCases {
            page.sample(counts.bySource[source.rawValue]) {
                $0.add("outcome", "reported")
                $0.add("cpu_source", source.name)
            }
        }
        page.sample(counts.wrappedTotal) { $0.add("outcome", "wrapped") }
        page.sample(counts.overflowTotal) { $0.add("outcome", "no_room") }
        page.counter("inframind_agent_reports_sent_total", help: "Reports that the server has taken.")
        page.sample(outbox.counts.sent)
        page.counter("inframind_agent_reports_dropped_total", help: "Reports given up for good, by reason.")
        for reason in DropReason.allCases {
            page.sample(outbox.drops[reason] ?? 0) { $0.add("reason", reason.rawValue) }
        }
        page.counter("inframind_agent_report_failures_total", help: "Attempts after which a report waits, by reason.")
        for reason in HoldReason.allCases {
            page.sample(outbox.counts.failures[reason] ?? 0) { $0.add("reason", reason.rawValue) }
        }
        page.gauge("inframind_agent_spool_reports", help: "Reports that wait for the server.")
        page.sample(outbox.spool.entries.count)
        page.gauge("inframind_agent_spool_bytes", help: "Size of the reports that wait for the server.")
        page.sample(outbox.spool.totalBytes)
    }
}
