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
                    codingPath: [BatchLineKey()],
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

    var name: String {
        switch self {
        case .start: "start"
        case .step: "step"
        case .complete: "complete"
        case .run: "run"
        }
    }
}

/// Names the whole line where an error is about no field of it.
private struct BatchLineKey: CodingKey {
    var stringValue: String { "line" }
    var intValue: Int? { nil }

    init() {}
    init?(stringValue: String) { nil }
    init?(intValue: Int) { nil }
}
