import Builds

/// What one valid line of a batch says.
public enum BatchLine: Hashable, Sendable {
    case start(Run)
    case step(BuildStepBody.Content)
    case complete(RunID, RunCompletion)
    case run(Run, steps: [Step])
}

extension BatchLine {
    /// Reads a line without its end.
    ///
    /// Lines as our own client and most importers write them are read by ``JSONScanner``, all others by the decoder of
    /// the single endpoints. Both fill the same bodies, and the same checks follow.
    ///
    /// - Parameter now: when the batch arrived; stands in for a missing `started_at`.
    /// - Throws: ``BodyError``. Fields are named with the kind of the line before them: `step.timestamp`.
    public init(
        _ line: UnsafeBufferPointer<UInt8>, receivedAt now: Timestamp
    ) throws(BodyError) {
        if let body = BatchLineBody(scanning: line) {
            try self.init(body, receivedAt: now)
        } else {
            try self.init(decoding: Array(line), receivedAt: now)
        }
    }

    /// As ``init(_:receivedAt:)``, always with the decoder.
    init(decoding line: [UInt8], receivedAt now: Timestamp) throws(BodyError) {
        try self.init(BatchLineBody.decoded(from: line, subject: "line"), receivedAt: now)
    }

    private init(_ body: BatchLineBody, receivedAt now: Timestamp) throws(BodyError) {
        do {
            switch body {
            case .start(let body): self = .start(try body.run(receivedAt: now))
            case .step(let body): self = .step(try body.content(receivedAt: now))
            case .complete(let body):
                let (id, completion) = try body.content()
                self = .complete(id, completion)
            case .run(let body):
                let (run, steps) = try body.content(receivedAt: now)
                self = .run(run, steps: steps)
            }
        } catch {
            throw .invalid(
                error.errors.map { FieldError(field: "\(body.name).\($0.field)", message: $0.message) })
        }
    }
}
