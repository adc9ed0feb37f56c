import Builds

/// One line of `POST /batch`, named by what it is: `{"start":{…}}`, `{"step":{…}}`, `{"complete":{…}}`, `{"run":{…}}`.
/// Inside is the body that the endpoint of its own takes.
public enum BatchLineBody: Codable, Sendable {
    case start(BuildStartBody)
    case step(BuildStepBody)
    case complete(BuildCompleteBody)
    case run(WholeRunBody)

    enum CodingKeys: String, CodingKey, CaseIterable {
        case start, step, complete, run
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let names = container.allKeys
        guard names.count == 1, let name = names.first else {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: [WholeLine()],
                    debugDescription: "must have exactly one of start, step, complete and run"))
        }
        switch name {
        case .start: self = .start(try container.decode(BuildStartBody.self, forKey: .start))
        case .step: self = .step(try container.decode(BuildStepBody.self, forKey: .step))
        case .complete: self = .complete(try container.decode(BuildCompleteBody.self, forKey: .complete))
        case .run: self = .run(try container.decode(WholeRunBody.self, forKey: .run))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .start(let body): try container.encode(body, forKey: .start)
        case .step(let body): try container.encode(body, forKey: .step)
        case .complete(let body): try container.encode(body, forKey: .complete)
        case .run(let body): try container.encode(body, forKey: .run)
        }
    }

    /// Names the line where an error is about no field of it.
    private struct WholeLine: CodingKey {
        var stringValue: String { "line" }
        var intValue: Int? { nil }

        init() {}
        init?(stringValue: String) { nil }
        init?(intValue: Int) { nil }
    }
}

/// The answer of `POST /batch`: how many lines were taken, and what is wrong with those that were not.
///
/// All lines that are counted as accepted or unchanged are durable. The same batch again changes nothing.
public struct BatchAnswer: Codable, Hashable, Sendable {
    /// Lines that changed something.
    public var accepted = 0
    /// Lines that said what was known. A whole run that comes again counts as accepted.
    public var unchanged = 0
    /// Lines of which nothing was kept.
    public var refused = 0
    /// The first ``mostProblems`` refused lines, in their order.
    public var problems: [LineProblem] = []

    /// Bad lines that are listed; the others are counted.
    public static let mostProblems = 100

    public init() {}
}

/// Why one line of a batch was refused.
public struct LineProblem: Codable, Hashable, Sendable {
    /// Counted from 1, blank lines included.
    public var line: Int
    /// What the endpoint of its own would have answered: 400, 404, 409 or 422.
    public var status: Int
    /// A sentence.
    public var detail: String
    /// For 422: every field that is wrong.
    public var errors: [FieldError]?

    public init(line: Int, status: Int, detail: String, errors: [FieldError]? = nil) {
        self.line = line
        self.status = status
        self.detail = detail
        self.errors = errors
    }
}
