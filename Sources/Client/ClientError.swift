import Contract

/// Why the server did not do what it was asked.
public enum ClientError: Error, Hashable, Sendable {
    /// No connection: the name is unknown, nobody listens, the network is away, TLS failed.
    case unreachable(String)
    /// The server did not answer in time.
    case timeout
    /// The server answered, and said no.
    case refused(Problem)
    /// An error status without the API's `application/problem+json`: a proxy on the way, or another server altogether.
    case foreignStatus(Int)
    /// The answer is not what the wire contract promises: not JSON, the wrong shape, or too large.
    case unexpectedAnswer(String)

    /// True when the same request can never succeed: the server understood it and will not have it.
    ///
    /// 408 and 429 ask for another try; 401 and 403 are mended by another token, not by other content.
    public var isPermanent: Bool {
        guard case .refused(let problem) = self else { return false }
        return (400..<500).contains(problem.status) && ![401, 403, 408, 429].contains(problem.status)
    }

    /// The HTTP status of an error answer, whoever gave it.
    public var status: Int? {
        switch self {
        case .refused(let problem): problem.status
        case .foreignStatus(let status): status
        default: nil
        }
    }

    /// True when the server itself answered with the status `code`.
    public func isRefused(with code: Int) -> Bool {
        if case .refused(let problem) = self { problem.status == code } else { false }
    }
}

extension ClientError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreachable(let reason): "the server cannot be reached: \(reason)"
        case .timeout: "the server did not answer in time"
        case .refused(let problem):
            "the server refused (\(problem.status)): \(problem.detail.isEmpty ? problem.title : problem.detail)"
                + (problem.errors ?? []).prefix(5).map { "; \($0.field) \($0.message)" }.joined()
        case .foreignStatus(let status): "status \(status), and not in the words of this API"
        case .unexpectedAnswer(let reason): "the server's answer is not understood: \(reason)"
        }
    }
}
