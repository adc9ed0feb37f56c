import AsyncHTTPClient
import Builds
import Contract
import FoundationEssentials
import Glibc
import NIOCore

/// The API as the command line sees it.
///
/// One per process: it owns the connections. Every call is bounded in time and in the size of its answer, and fails
/// only with a ``ClientError``. Call ``shutdown()`` when done.
public final class InframindClient: Sendable {
    public let endpoint: ServerEndpoint
    private let http: HTTPClient
    private let requestTimeout: Duration

    /// 1 MiB: a recommendation with hundreds of steps has some 100 KiB; anything larger is not our server.
    static let mostAnswerBytes = 1 << 20

    /// Makes the network library of this process run on one thread instead of one for each core, which is plenty for a
    /// handful of small requests.
    ///
    /// For programs, not for libraries: to be called before any client is made, and only where nothing else in the
    /// process uses the network library.
    public static func useOneThread() { _ = oneThread }

    /// The library allows this once; so it is done once, however often it is asked for.
    private static let oneThread: Void = {
        NIOSingletons.groupLoopCountSuggestion = 1
        NIOSingletons.blockingPoolThreadCountSuggestion = 1
    }()

    /// - Parameters:
    ///   - connectTimeout: for name look-up, TCP and TLS.
    ///   - requestTimeout: for a whole exchange, connecting included; each call may set a shorter one.
    public init(
        endpoint: ServerEndpoint, connectTimeout: Duration = .seconds(2), requestTimeout: Duration = .seconds(10)
    ) {
        self.endpoint = endpoint
        self.requestTimeout = requestTimeout
        var configuration = HTTPClient.Configuration()
        configuration.timeout = .init(
            connect: TimeAmount(connectTimeout), read: TimeAmount(requestTimeout), write: TimeAmount(requestTimeout))
        // A redirect would carry the token to wherever it points.
        configuration.redirectConfiguration = .disallow
        // Trying again is the caller's choice: within a budget of milliseconds a refused connection is an answer.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.decompression = .disabled
        if let tls = endpoint.tls?.configuration { configuration.tlsConfiguration = tls }
        http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Closes the connections. The client cannot be used afterwards.
    public func shutdown() async {
        // The only errors are "already shut down" and a connection that would not close: neither is worth anything now.
        try? await http.shutdown()
    }

    /// `POST /optimize`: size the next run.
    public func optimize(
        _ request: OptimizationRequest, within timeout: Duration? = nil
    ) async throws(ClientError) -> OptimizeAnswer {
        let answer = try await post("/optimize", OptimizeBody(request), as: OptimizeAnswer.self, within: timeout)
        return try answer.checked()
    }

    /// `GET /recommendations/{id}`: an earlier answer of ``optimize(_:within:)``, again.
    public func recommendation(id: String) async throws(ClientError) -> OptimizeAnswer {
        try await get("/recommendations/\(percentEncoded(pathSegment: id))", as: OptimizeAnswer.self).checked()
    }

    /// `POST /builds/start`.
    public func start(_ run: Run, within timeout: Duration? = nil) async throws(ClientError) {
        _ = try await post("/builds/start", BuildStartBody(run), as: OKAnswer.self, within: timeout)
    }

    /// `POST /builds/step` with event `start`.
    public func startStep(_ step: Step, within timeout: Duration? = nil) async throws(ClientError) {
        _ = try await post("/builds/step", BuildStepBody(starting: step), as: OKAnswer.self, within: timeout)
    }

    /// `POST /builds/step` with event `stop`.
    public func stopStep(_ step: Step, _ stop: StepStop, within timeout: Duration? = nil) async throws(ClientError) {
        _ = try await post(
            "/builds/step", BuildStepBody(stopping: step, with: stop), as: OKAnswer.self, within: timeout)
    }

    /// `POST /builds/complete`.
    public func complete(
        _ runID: RunID, _ completion: RunCompletion, within timeout: Duration? = nil
    ) async throws(ClientError) {
        let body = BuildCompleteBody(runID: runID, completion: completion)
        _ = try await post("/builds/complete", body, as: OKAnswer.self, within: timeout)
    }

    /// `GET /readyz`: each dependency of the server with its state. A server that is not ready answers 503 with the
    /// same body, which arrives as ``ClientError/refused(_:)``.
    public func ready() async throws(ClientError) -> JSONValue {
        try await get("/readyz", as: JSONValue.self)
    }

    /// `GET /runs/{run_id}`: a run as it was reported, with what stood out in it.
    public func run(id: String) async throws(ClientError) -> RunAnswer {
        try await get("/runs/\(percentEncoded(pathSegment: id))", as: RunAnswer.self)
    }

    /// `GET /history`: a page of what was learned from, oldest first.
    ///
    /// - Parameters:
    ///   - pipeline: only its attempts; `nil` for all.
    ///   - number: ``HistoryAnswer/next`` of the page before; 0 for the first.
    public func history(of pipeline: String?, after number: Int64) async throws(ClientError) -> HistoryAnswer {
        let name = pipeline.map { "&pipeline=\(percentEncoded(pathSegment: $0))" } ?? ""
        return try await get(
            "/history?after=\(number)&limit=\(Self.historyPage)\(name)", as: HistoryAnswer.self,
            atMost: Self.mostHistoryBytes)
    }

    /// Attempts in a page, and the bytes it may have: a context has at most some tens of kB, usually a few hundred bytes.
    private static let historyPage = 500
    private static let mostHistoryBytes = 32 << 20

    /// `GET /models`: the trained versions, and which of them is in force.
    public func models() async throws(ClientError) -> ModelsAnswer { try await get("/models", as: ModelsAnswer.self) }

    /// `POST /models/train`: trains on everything learned so far. Answers 503 where the server has no learner library.
    public func train() async throws(ClientError) -> TrainedModelAnswer {
        try await post("/models/train", JSONValue.object([:]), as: TrainedModelAnswer.self, within: nil)
    }

    /// `POST /models/{version}/activate`: takes a version into force; ``ModelAnswer/closedForm`` goes back to the closed
    /// form alone.
    ///
    /// - Returns: the version in force now.
    public func activate(model version: String) async throws(ClientError) -> String {
        let path = "/models/\(percentEncoded(pathSegment: version))/activate"
        return try await post(path, JSONValue.object([:]), as: ActivatedModelAnswer.self, within: nil).active
    }

    /// `GET /tokens`: the tenant's tokens, without their secrets.
    public func tokens() async throws(ClientError) -> TokensAnswer { try await get("/tokens", as: TokensAnswer.self) }

    /// `POST /tokens`: makes a token. Its secret is in this answer and nowhere else.
    public func createToken(_ wanted: TokenBody) async throws(ClientError) -> NewTokenAnswer {
        try await post("/tokens", wanted, as: NewTokenAnswer.self, within: nil)
    }

    /// `POST /tokens/{token_id}/rotate`: makes a successor; the old token ends after the overlap.
    public func rotateToken(id: String, _ how: RotateTokenBody) async throws(ClientError) -> NewTokenAnswer {
        let path = "/tokens/\(percentEncoded(pathSegment: id))/rotate"
        return try await post(path, how, as: NewTokenAnswer.self, within: nil)
    }

    /// `DELETE /tokens/{token_id}`: ends a token now.
    public func revokeToken(id: String) async throws(ClientError) {
        let path = "/tokens/\(percentEncoded(pathSegment: id))"
        _ = try await exchange(.DELETE, path, nil, as: OKAnswer.self, within: nil)
    }

    /// `GET /audit`: who changed what, newest first.
    ///
    /// - Parameter number: ``AuditAnswer/next`` of the page before; `nil` for the first.
    public func auditLog(before number: Int64? = nil) async throws(ClientError) -> AuditAnswer {
        try await get("/audit" + (number.map { "?before=\($0)" } ?? ""), as: AuditAnswer.self)
    }

    /// Asks for a recommendation that cannot exist: 404 proves that the token was accepted, 403 that it was not.
    ///
    /// - Throws: whatever else went wrong.
    public func isTokenAccepted() async throws(ClientError) -> Bool {
        do {
            _ = try await recommendation(id: "token-check")
            return true
        } catch {
            if error.isRefused(with: 404) { return true }
            if error.isRefused(with: 403) || error.isRefused(with: 401) { return false }
            throw error
        }
    }
}

extension InframindClient {
    private func post<Answer: Decodable & Sendable>(
        _ path: String, _ body: some Encodable, as type: Answer.Type, within timeout: Duration?
    ) async throws(ClientError) -> Answer {
        let bytes: Data
        do {
            bytes = try JSONEncoder().encode(body)
        } catch {
            // JSON has no NaN or infinity: a measurement that is one cannot be sent.
            throw .unexpectedAnswer("the request cannot be written as JSON: \(error)")
        }
        return try await exchange(.POST, path, ByteBuffer(bytes: bytes), as: type, within: timeout)
    }

    private func get<Answer: Decodable & Sendable>(
        _ path: String, as type: Answer.Type, atMost bytes: Int = mostAnswerBytes
    ) async throws(ClientError) -> Answer {
        try await exchange(.GET, path, nil, as: type, within: nil, atMost: bytes)
    }

    private enum Method: String {
        case GET, POST, DELETE
    }

    private func exchange<Answer: Decodable & Sendable>(
        _ method: Method, _ path: String, _ body: ByteBuffer?, as type: Answer.Type, within timeout: Duration?,
        atMost bytes: Int = mostAnswerBytes
    ) async throws(ClientError) -> Answer {
        var request = HTTPClientRequest(url: endpoint.url + path)
        request.method = .init(rawValue: method.rawValue)
        request.headers.add(name: "Accept", value: "application/json")
        request.headers.add(name: "User-Agent", value: "inframind")
        if let token = endpoint.token { request.headers.add(name: "X-IM-Token", value: token) }
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(body)
        }
        let limit = min(timeout ?? requestTimeout, requestTimeout)
        let answer = try await roundTrip(request, within: limit, atMost: bytes)
        guard (200..<300).contains(answer.status) else { throw ClientError(refusal: answer) }
        do {
            return try JSONDecoder().decode(type, from: Data(answer.body.readableBytesView))
        } catch {
            throw .unexpectedAnswer(
                "\(method.rawValue) \(path) gave status \(answer.status) and a body of another shape")
        }
    }

    fileprivate struct HTTPAnswer: Sendable {
        var status: Int
        var mediaType: String?
        var body: ByteBuffer
    }

    /// Sends and collects, all within `limit`: a server that sends one byte a second is as late as one that sends none.
    private func roundTrip(
        _ request: HTTPClientRequest, within limit: Duration, atMost bytes: Int
    ) async throws(ClientError) -> HTTPAnswer {
        let http = http
        do {
            return try await withThrowingTaskGroup(of: HTTPAnswer?.self) { group in
                group.addTask {
                    let response = try await http.execute(request, timeout: TimeAmount(limit))
                    return HTTPAnswer(
                        status: Int(response.status.code), mediaType: response.headers.first(name: "Content-Type"),
                        body: try await response.body.collect(upTo: bytes))
                }
                group.addTask {
                    try await Task.sleep(for: limit)
                    return nil
                }
                defer { group.cancelAll() }
                guard let first = try await group.next(), let answer = first else { throw ClientError.timeout }
                return answer
            }
        } catch {
            throw ClientError(transport: error)
        }
    }
}

extension ClientError {
    /// Sorts whatever the HTTP library throws into our four cases.
    fileprivate init(transport error: any Error) {
        switch error {
        case let error as ClientError: self = error
        case is CancellationError: self = .timeout
        case is NIOTooManyBytesError:
            self = .unexpectedAnswer("it is larger than any answer of ours")
        case let error as HTTPClientError:
            switch error {
            case .connectTimeout, .readTimeout, .writeTimeout, .deadlineExceeded, .cancelled,
                .getConnectionFromPoolTimeout:
                self = .timeout
            case .remoteConnectionClosed: self = .unreachable("it closed the connection without an answer")
            default: self = .unexpectedAnswer(error.shortDescription)
            }
        default:
            self.init(describedAs: String(describing: error))
        }
    }
}

extension ClientError {
    /// Errors of the layers below are types of modules that are not ours to depend on; their words are all there is.
    private init(describedAs text: String) {
        if text.firstRange(of: "HTTPParserError") != nil {
            self = .unexpectedAnswer("it is not HTTP")
        } else if let marker = text.firstRange(of: "errno: "),
            let code = Int32(text[marker.upperBound...].prefix(while: \.isNumber))
        {
            self = .unreachable(String(cString: strerror(code)))
        } else {
            self = .unreachable(text)
        }
    }
}

extension ClientError {
    /// What an error answer says: ours is `application/problem+json`.
    fileprivate init(refusal answer: InframindClient.HTTPAnswer) {
        guard let mediaType = answer.mediaType?.lowercased(), mediaType.hasPrefix("application/problem+json"),
            var problem = try? JSONDecoder().decode(Problem.self, from: Data(answer.body.readableBytesView))
        else {
            self = .foreignStatus(answer.status)
            return
        }
        problem.status = answer.status
        self = .refused(problem)
    }
}

extension TimeAmount {
    fileprivate init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let nanoseconds = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        self = nanoseconds.overflow ? .hours(1) : .nanoseconds(nanoseconds.partialValue + attoseconds / 1_000_000_000)
    }
}

/// `id` with everything but RFC 3986's unreserved characters percent-encoded, so that it stays one path segment.
func percentEncoded(pathSegment id: String) -> String {
    let hex = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in id.utf8 {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: bytes.append(byte)
        default: bytes += [0x25, hex[Int(byte >> 4)], hex[Int(byte & 15)]]
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}
