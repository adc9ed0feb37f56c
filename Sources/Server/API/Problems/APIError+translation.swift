import Contract
import Hummingbird
import NIOCore
import Storage

extension APIError {
    /// The answer to any error; `nil` when it is one nobody foresaw.
    init?(translating error: any Error) {
        switch error {
        case let error as APIError: self = error
        case let error as InvalidBody: self = .invalid(error.errors)
        case BodyError.malformed(let sentence): self = .malformed(sentence)
        case BodyError.invalid(let errors): self = .invalid(errors)
        case let error as StoreError: self.init(error)
        case is NIOTooManyBytesError: self = APIError(.contentTooLarge, "Body too large", "The body is too large.")
        case is CancellationError: self = .unavailable("The server is shutting down.")
        default: return nil
        }
    }

    private init(_ error: StoreError) {
        switch error {
        case .unknownRun, .unknownStep, .unknownModel, .unknownToken: self = .notFound(error.description)
        case .conflict(let what): self = .conflict(what)
        case .stopBeforeStart:
            self = .invalid([FieldError(field: "timestamp", message: "lies before the start of the step")])
        case .overloaded(let seconds): self = .unavailable(error.description, retryAfterSeconds: seconds)
        // Its own words may name files of this machine: they go to the log.
        case .newerSchema, .olderSchema, .unavailable: self = .unavailable("The database does not answer.")
        }
    }
}
