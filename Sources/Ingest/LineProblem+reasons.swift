import Contract
import Storage

/// The words of the single endpoints for what is wrong with a line.
extension LineProblem {
    static func tooLong(_ line: Int, limit: Int) -> LineProblem {
        LineProblem(line: line, status: 413, detail: "The line is longer than \(limit) bytes.")
    }

    static func tooMany(_ line: Int, limit: Int) -> LineProblem {
        LineProblem(
            line: line, status: 413, detail: "A batch may have \(limit) lines; send this one and the rest in another.")
    }

    init(_ line: Int, _ error: BodyError) {
        switch error {
        case .malformed(let sentence): self.init(line: line, status: 400, detail: sentence)
        case .invalid(let errors): self.init(line, errors)
        }
    }

    /// - Parameter entry: what the store refused.
    init(_ line: Int, _ error: StoreError, _ entry: BatchEntry) {
        switch error {
        case .unknownRun, .unknownStep, .unknownModel, .unknownToken:
            self.init(line: line, status: 404, detail: error.description)
        case .stopBeforeStart:
            let field = if case .wholeRun = entry { "run.timestamp" } else { "step.timestamp" }
            self.init(line, [FieldError(field: field, message: "lies before the start of the step")])
        default: self.init(line: line, status: 409, detail: error.description)
        }
    }

    private init(_ line: Int, _ errors: [FieldError]) {
        let first = errors.first.map { "\($0.field) \($0.message)." } ?? ""
        let more = errors.count > 1 ? " See errors for all \(errors.count)." : ""
        self.init(line: line, status: 422, detail: first + more, errors: errors)
    }
}
