import Builds
import Glibc

/// Takes readings of steps and posts each until the server has it, or never will.
///
/// Driven from outside and never waiting: call ``advance(at:)`` when ``nextSeconds`` has come or ``interest`` is ready.
/// One report is on its way at a time, last ones before early ones. A last report of a run the server does not know yet
/// waits by itself, an early one is given up: the next takes its place anyway. When the server is away, or takes nothing,
/// all wait.
struct Outbox {
    struct Configuration {
        var server: ServerAddress
        /// Read anew for each attempt, so that a token can be mended; `nil` sends none.
        var tokenFile: String?
        /// This node's name.
        var node: String
        var spoolPath: String?
        var bounds = ReportSpool.Bounds()
        /// From connecting to the last byte of the answer.
        var exchangeSeconds = 10.0
        /// How long a run may stay unknown.
        var unknownRunSeconds = 3600.0
        var connect: HTTPExchange.Connector = HTTPExchange.plain
        /// In 0..<1.
        var chance: () -> Double = { Double.random(in: 0..<1) }
    }

    /// Numbers for the agent's own page.
    struct Counts: Hashable {
        var sent = 0
        var failures: [HoldReason: Int] = [:]
    }

    private(set) var counts = Counts()
    private(set) var spool: ReportSpool
    /// Why nothing gets through at present, in one line; `nil` when it does.
    private(set) var trouble: String?

    private let configuration: Configuration
    private var inFlight: (entry: ReportSpool.Entry, exchange: HTTPExchange)?
    private var serverPauses = RetrySchedule(firstSeconds: 1, longestSeconds: 300)
    private var notBeforeSeconds = 0.0
    /// Reports of unknown runs, by name: when to try again, and how often that was.
    private var waiting: [UInt64: (schedule: RetrySchedule, notBeforeSeconds: Double)] = [:]

    private static let answerLimitBytes = 64 << 10
    private static let longestRetryAfterSeconds = 3600.0

    init(_ configuration: Configuration) {
        self.configuration = configuration
        spool = ReportSpool(path: configuration.spoolPath, bounds: configuration.bounds)
    }

    var drops: [DropReason: Int] { spool.drops }

    /// What to wait for; `nil` when nothing is on its way.
    var interest: DescriptorInterest? { inFlight?.exchange.interest }

    /// When to call again, on the monotonic clock; infinite when there is nothing to do.
    var nextSeconds: Double {
        if let inFlight { return inFlight.exchange.deadlineSeconds }
        guard let first = spool.entries.map(dueSeconds).min() else { return .infinity }
        return max(notBeforeSeconds, first)
    }

    /// Takes a report in, in place of what still waits of the same step. One on its way goes on; its answer no longer
    /// counts for the step's place in the spool.
    mutating func add(_ step: StepReading) {
        let span = UsageReport.spanID(step.key, node: configuration.node)
        let hash = ReportSpool.checksum(Array(step.key.runID.utf8) + [0] + Array(span.utf8))
        let body = UsageReport.body(step, node: configuration.node)
        spool.add(body, of: hash, at: step.time, isKept: step.isFinal)
        // News is reason enough to ask again for a run that was unknown.
        waiting[hash]?.notBeforeSeconds = 0
    }

    mutating func advance(at moment: Moment) {
        proceed(moment)
        // After what can leave has left: a disk takes its time, and what the server has taken meanwhile needs none.
        spool.persist()
    }

    private mutating func proceed(_ moment: Moment) {
        let now = moment.monotonicSeconds
        while true {
            if let (entry, exchange) = inFlight {
                guard let outcome = exchange.advance(at: now) else { return }
                inFlight = nil
                judge(outcome, entry, moment)
            }
            guard now >= notBeforeSeconds else { return }
            // Somebody may be waiting for a last one.
            let due = spool.entries.filter { dueSeconds($0) <= now }
            guard let entry = due.first(where: \.isKept) ?? due.first else { return }
            guard let body = spool.body(of: entry) else { continue }
            start(entry, body, now)
        }
    }

    private func dueSeconds(_ entry: ReportSpool.Entry) -> Double { waiting[entry.stepHash]?.notBeforeSeconds ?? 0 }

    private mutating func start(_ entry: ReportSpool.Entry, _ body: [UInt8], _ now: Double) {
        var fields: [(String, String)] = []
        if let file = configuration.tokenFile, let token = Self.token(file) { fields.append(("X-IM-Token", token)) }
        let request = HTTPExchange.request(
            "POST", UsageReport.path, to: configuration.server, fields: fields, body: body)
        inFlight = (
            entry,
            HTTPExchange(
                configuration.server, request: request, bodyLimitBytes: Self.answerLimitBytes,
                deadlineSeconds: now + configuration.exchangeSeconds, connect: configuration.connect)
        )
    }

    private mutating func judge(_ outcome: HTTPExchange.Outcome, _ entry: ReportSpool.Entry, _ moment: Moment) {
        switch outcome {
        case .failed(let reason): hold(.connection, reason, nil, moment)
        case .answer(let answer):
            switch AnswerVerdict(status: answer.status, retryAfterSeconds: answer.retryAfterSeconds) {
            case .taken:
                counts.sent += 1
                settle(entry) { $0.remove(entry) }
            case .drop(let reason): settle(entry) { $0.drop(entry, reason) }
            case .unknownRun where entry.isKept: postpone(entry, moment)
            case .unknownRun: settle(entry) { $0.remove(entry) }
            case .hold(let reason, let seconds):
                hold(reason, "the server answered \(answer.status)", seconds, moment)
            }
        }
    }

    /// The server has judged a report, so it is there and listens.
    private mutating func settle(_ entry: ReportSpool.Entry, _ body: (inout ReportSpool) -> Void) {
        serverPauses.succeed()
        trouble = nil
        waiting[entry.stepHash] = nil
        body(&spool)
    }

    private mutating func postpone(_ entry: ReportSpool.Entry, _ moment: Moment) {
        guard moment.time.seconds(since: entry.time) < configuration.unknownRunSeconds else {
            return settle(entry) { $0.drop(entry, .unknownRun) }
        }
        serverPauses.succeed()
        trouble = nil
        var schedule = waiting[entry.stepHash]?.schedule ?? RetrySchedule(firstSeconds: 5, longestSeconds: 300)
        let pause = schedule.fail(chance: configuration.chance())
        waiting[entry.stepHash] = (schedule, moment.monotonicSeconds + pause)
    }

    private mutating func hold(_ reason: HoldReason, _ text: String, _ seconds: Double?, _ moment: Moment) {
        counts.failures[reason, default: 0] += 1
        trouble = "\(configuration.server.authority): \(text)"
        let pause = serverPauses.fail(chance: configuration.chance())
        let asked = min(seconds ?? 0, Self.longestRetryAfterSeconds)
        notBeforeSeconds = moment.monotonicSeconds + max(pause, asked)
    }

    /// The first line of the file; `nil` where there is none that can travel in a header.
    static func token(_ path: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(file, &bytes, bytes.count)
        guard count > 0 else { return nil }
        let line = bytes[..<count].prefix { $0 != 0x0A && $0 != 0x0D }
        guard !line.isEmpty, line.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        return String(decoding: line, as: UTF8.self)
    }
}
