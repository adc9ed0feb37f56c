import Builds
import Glibc

/// A ``BatchEntry`` with everything that is stored of it made ready, so that the writer's time goes into the database.
///
/// It and its parts are classes: the writer hands them on several times, and copies of so many texts would cost it more.
final class PreparedEntry: Sendable {
    let entry: BatchEntry
    let content: Content

    enum Content: Sendable {
        case startRun(RunTold)
        case startStep(StepTold)
        case stopStep(StepTold)
        case completeRun(RowName, [SQLValue])
        case wholeRun(RunTold, [StepTold], completion: [SQLValue]?)
        /// Cannot be kept at all.
        case refused(StoreError)
        /// Holds what no database keeps, or steps of another run: only the way that writes one at a time knows what to
        /// answer, and in which order.
        case unusual
    }

    init(_ entry: BatchEntry) {
        self.entry = entry
        do {
            let content = try Self.content(of: entry)
            self.content = content.isStorable ? content : .unusual
        } catch let error as StoreError {
            // A whole run is judged part by part, and another part may come first.
            if case .wholeRun = entry { content = .unusual } else { content = .refused(error) }
        } catch {
            content = .unusual
        }
    }

    private static func content(of entry: BatchEntry) throws -> Content {
        switch entry {
        case .startRun(let run): return .startRun(try RunTold(run))
        case .startStep(let step): return .startStep(try StepTold(step, stop: nil))
        case .stopStep(let step, let stop): return .stopStep(try StepTold(step, stop: stop))
        // Few of many: the agent's spool after an outage.
        case .observe: return .unusual
        case .completeRun(let id, let completion):
            return .completeRun(RowName(id.rawValue), try completion.storedValues())
        case .wholeRun(let run, let steps):
            let told = try RunTold(run)
            let stepsTold = try steps.map { try StepTold($0, stop: $0.stop) }
            guard stepsTold.allSatisfy({ $0.run == told.id }) else { return .unusual }
            return .wholeRun(told, stepsTold, completion: try run.completion?.storedValues())
        }
    }
}

/// What a client told about a run's beginning, as it is stored.
final class RunTold: Sendable {
    let id: RowName
    /// Pipeline, branch, recommendation, and the rest: what must be the same when it is told again.
    let told: [SQLValue]
    let startedAt: Int64

    init(_ run: Run) throws {
        id = RowName(run.id.rawValue)
        told = [.text(run.pipeline), .text(run.branch), SQLValue(run.recommendationID), try run.storedContent()]
        startedAt = run.startedAt.microseconds
    }
}

/// What a client told about a step, as it is stored.
final class StepTold: Sendable {
    let run: RowName
    let span: RowName
    let stage: String
    let step: String
    let startedAt: Int64
    /// Its end, and the rest.
    let stop: Stop?

    struct Stop: Sendable {
        let stoppedAt: Int64
        let content: String
    }

    init(run: RowName, span: RowName, stage: String, step: String, startedAt: Int64, stop: Stop?) {
        self.run = run
        self.span = span
        self.stage = stage
        self.step = step
        self.startedAt = startedAt
        self.stop = stop
    }

    init(_ step: Step, stop: StepStop?) throws {
        run = RowName(step.runID.rawValue)
        span = RowName(step.spanID)
        stage = step.stage
        self.step = step.step
        startedAt = step.startedAt.microseconds
        self.stop = try stop.map { stop in
            let values = try stop.storedValues()
            guard case .text(let content) = values[1] else { preconditionFailure("A stop is stored as text.") }
            return Stop(stoppedAt: stop.stoppedAt.microseconds, content: content)
        }
    }
}

/// The name of a row. A database compares bytes, where Swift finds texts equal that look the same.
struct RowName: Hashable, Sendable {
    let text: String

    init(_ text: String) { self.text = text }

    static func == (a: RowName, b: RowName) -> Bool {
        var (a, b) = (a.text, b.text)
        return a.withUTF8 { a in
            b.withUTF8 { b in
                guard a.count == b.count, let first = a.baseAddress, let second = b.baseAddress else {
                    return a.count == b.count
                }
                return memcmp(first, second, a.count) == 0
            }
        }
    }

    func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

extension PreparedEntry.Content {
    /// Whether a database keeps every text and number as it is, and names are not empty.
    fileprivate var isStorable: Bool {
        switch self {
        case .startRun(let run): run.isStorable
        case .startStep(let step), .stopStep(let step): step.isStorable
        case .completeRun(let id, let values): id.isStorable && values.allSatisfy(\.isStorable)
        case .wholeRun(let run, let steps, let completion):
            run.isStorable && steps.allSatisfy(\.isStorable) && completion?.allSatisfy(\.isStorable) != false
        case .refused, .unusual: true
        }
    }
}

extension RunTold {
    fileprivate var isStorable: Bool { id.isStorable && told.allSatisfy(\.isStorable) }
}

extension StepTold {
    fileprivate var isStorable: Bool {
        run.isStorable && span.isStorable && !stage.hasZeroByte && !step.hasZeroByte
    }
}

extension RowName {
    /// PostgreSQL keeps no row whose key is longer than a third of a page; one row must not spoil a statement of many.
    private static let mostBytes = 1024

    fileprivate var isStorable: Bool {
        !text.isEmpty && text.utf8.count <= Self.mostBytes && !text.hasZeroByte
    }
}

extension String {
    fileprivate var hasZeroByte: Bool {
        var text = self
        return text.withUTF8 { bytes in bytes.baseAddress.map { memchr($0, 0, bytes.count) != nil } ?? false }
    }
}

extension SQLValue {
    fileprivate var isStorable: Bool { (try? checkStorable()) != nil }
}
