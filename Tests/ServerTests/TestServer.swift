import Builds
import Foundation
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Storage
import Synchronization
import Testing

@testable import Server

/// A server on a folder of its own, called in memory.
struct TestServer {
    static let key = AccessTokens.developmentKey

    var configuration = ServerConfiguration()
    let folder: String
    /// Where all that the server logs goes; `nil`: nowhere.
    var log: LogLines?

    init() {
        folder = NSTemporaryDirectory() + "inframind-server-tests-" + UUID().uuidString
        configuration.database = .sqlite(path: folder + "/test.db")
        // Chance would make tests fail now and then.
        configuration.optimizer.explorationRate = 0
        configuration.optimizer.controlRate = 0
        configuration.seed = 7
        // A test asks at once.
        configuration.learnedFreshness = .zero
        // Hundreds of tests share two cores: only a test about the deadline may meet it.
        configuration.limits.timeoutSeconds = 120
    }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }

    /// Builds the application and runs `body` against it; the application is shut down afterwards.
    func run<Value>(
        _ setup: TestingSetup = .router, store: (any Store)? = nil, clock: WallClock = .system,
        drain: Drain = Drain(duration: .zero),
        _ body: @Sendable (API) async throws -> Value
    ) async throws -> Value {
        var logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .critical
        if let log {
            logger = Logger(label: "test") { label in
                LineLogHandler(label: label, configuration: LoggingConfiguration(level: .trace)) { log.add($0) }
            }
        }
        let application = try await buildApplication(
            configuration: configuration, environment: ProcessInfo.processInfo.environment, logger: logger,
            store: store,
            clock: clock, drain: drain)
        return try await application.test(setup) { try await body(API(client: $0)) }
    }
}

/// What a server logs.
final class LogLines: Sendable {
    private let lines = Mutex("")
    var text: String { lines.withLock { $0 } }
    func add(_ line: String) { lines.withLock { $0 += line } }
}

/// One fresh server for `body`, removed afterwards.
func withServer<Value>(
    _ change: (inout ServerConfiguration) -> Void = { _ in }, _ body: @Sendable (API) async throws -> Value
) async throws -> Value {
    var server = TestServer()
    defer { server.remove() }
    change(&server.configuration)
    return try await server.run(.router, body)
}

/// Sends requests as a client would.
struct API: Sendable {
    let client: any TestClientProtocol

    struct Answer: Sendable {
        var status: Int
        var headers: HTTPFields
        var text: String

        /// The body; `null` when it is not JSON.
        var json: JSONValue { (try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))) ?? .null }
    }

    func send(
        _ method: HTTPRequest.Method, _ path: String, body: String? = nil, token: String? = TestServer.key,
        headers: HTTPFields = [:]
    ) async throws -> Answer {
        try await send(method, path, bytes: body.map { Array($0.utf8) }, token: token, headers: headers)
    }

    func send(
        _ method: HTTPRequest.Method, _ path: String, bytes: [UInt8]?, token: String? = TestServer.key,
        headers: HTTPFields = [:]
    ) async throws -> Answer {
        var headers = headers
        if let token { headers[.inframindToken] = token }
        let response = try await client.execute(
            uri: path, method: method, headers: headers, body: bytes.map { ByteBuffer(bytes: $0) })
        return Answer(status: response.status.code, headers: response.headers, text: String(buffer: response.body))
    }

    func post(_ path: String, _ body: String, token: String? = TestServer.key) async throws -> Answer {
        try await send(.post, path, body: body, token: token)
    }

    func get(_ path: String, token: String? = TestServer.key) async throws -> Answer {
        try await send(.get, path, token: token)
    }
}

extension JSONValue {
    subscript(name: String) -> JSONValue {
        if case .object(let members) = self { members[name] ?? .null } else { .null }
    }

    subscript(index: Int) -> JSONValue {
        if case .array(let elements) = self, elements.indices.contains(index) { elements[index] } else { .null }
    }

    var count: Int {
        switch self {
        case .array(let elements): elements.count
        case .object(let members): members.count
        default: 0
        }
    }

    var keys: [String] {
        if case .object(let members) = self { members.keys.sorted() } else { [] }
    }
}
