/// What the server's answer to a report means for it.
enum AnswerVerdict: Hashable, Sendable {
    /// The server has it.
    case taken
    /// The server does not know the run yet: the build reports itself when it ends, or its first report is on its way.
    case unknownRun
    /// The server will never take it; the reason, as the page counts it.
    case drop(DropReason)
    /// The server takes nothing from us now. The report and all others stay; seconds to stay away, where it says so.
    case hold(HoldReason, retryAfterSeconds: Double?)

    init(status: Int, retryAfterSeconds: Double?) {
        switch status {
        case 200..<300: self = .taken
        case 404: self = .unknownRun
        case 409: self = .drop(.conflict)
        // The token may be mended at any time; it is read again for each attempt.
        case 401, 403: self = .hold(.token, retryAfterSeconds: retryAfterSeconds)
        case 408, 425, 429: self = .hold(.busy, retryAfterSeconds: retryAfterSeconds)
        case 400..<500: self = .drop(.refused)
        // A redirection is a wrong address; like a server in trouble that is for a person to mend, not for the report.
        default: self = .hold(status == 503 ? .busy : .server, retryAfterSeconds: retryAfterSeconds)
        }
    }
}

/// Why a report is gone for good.
enum DropReason: String, Hashable, Sendable, CaseIterable {
    /// The server has other numbers for the same step.
    case conflict
    /// The server says it is no report.
    case refused
    /// The run was still unknown after an hour.
    case unknownRun = "unknown_run"
    /// There was no room, and it was the oldest.
    case full
    /// Its file was damaged.
    case corrupt
}

/// Why all reports wait.
enum HoldReason: String, Hashable, Sendable, CaseIterable {
    case token, busy, server, connection
}
