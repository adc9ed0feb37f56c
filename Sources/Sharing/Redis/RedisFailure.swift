/// Why a call to Redis has no result.
enum RedisFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// There is no connection; said at once.
    case notConnected
    /// The connection could not be made or broke; what was asked may have happened or not.
    case connectionLost(String)
    /// No answer in time; what was asked may have happened or not.
    case timedOut
    /// More calls wait than are allowed.
    case overloaded
    /// Command or reply is beyond ``RedisLimits``.
    case tooLarge
    /// Redis answered with an error: the whole line, or its first word where the line might repeat a secret.
    case refused(String)
    /// An answer, but not one this command has.
    case unexpectedReply
    case closed

    var description: String {
        switch self {
        case .notConnected: "There is no connection to Redis."
        case .connectionLost(let reason): "The connection to Redis was lost: \(reason)."
        case .timedOut: "Redis did not answer in time."
        case .overloaded: "Too many calls wait for Redis."
        case .tooLarge: "A command or a reply is larger than allowed."
        case .refused(let line): "Redis refused: \(line)."
        case .unexpectedReply: "Redis answered something else than was asked."
        case .closed: "The connection to Redis was closed."
        }
    }
}
