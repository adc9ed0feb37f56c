import Builds
import Foundation
import Scaffolding
import Testing

@testable import Client

@Suite struct InframindClientTests {
    /// Gives `body` a client of a server that answers with `answer`.
    private func withClient(
        token: String? = nil, requestTimeout: Duration = .seconds(5),
        _ answer: @escaping @Sendable (LoopbackServer.Request) -> LoopbackServer.Answer,
        _ body: (InframindClient, LoopbackServer) async throws -> Void
    ) async throws {
        let server = try LoopbackServer(answer)
        let client = InframindClient(
            endpoint: try ServerEndpoint(url: server.url, token: token), requestTimeout: requestTimeout)
        do {
            try await body(client, server)
        } catch {
            await client.shutdown()
            server.stop()
            throw error
        }
        await client.shutdown()
        server.stop()
    }

    private let request = OptimizationRequest(target: StepIdentity(pipeline: "app"))

    @Test("A recommendation is asked for with the token and understood")
    func optimize() async throws {
        try await withClient(token: "secret", { _ in .json(200, sampleAnswer) }) { client, server async throws in
            let answer = try await client.optimize(request)
            #expect(answer.settings.jobs == 6)
            let sent = try #require(server.requests.first)
            #expect(sent.method == "POST" && sent.path == "/optimize")
            #expect(sent.headers["x-im-token"] == "secret")
            #expect(sent.body.contains(#""pipeline":"app""#))
        }
    }

    @Test(
        "Rubbish is an error and never a crash",
        arguments: [
            "", "hello", "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnull",
            "HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"a\"",
            "HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n", "\0\u{1}\u{2}",
        ])
    func rubbish(bytes: String) async throws {
        try await withClient({ _ in .bytes(Array(bytes.utf8)) }) { client, _ async throws in
            await #expect(throws: ClientError.self) { try await client.optimize(request) }
        }
    }

    @Test(
        "An answer of the right shape with impossible numbers is refused",
        arguments: [
            (#""concurrency":6"#, #""concurrency":0"#), (#""concurrency":6"#, #""concurrency":1000000"#),
            (#""cpu":6"#, #""cpu":-1"#), (#""mem_gb":8}"#, #""mem_gb":0}"#), (#""mem_gb":8}"#, #""mem_gb":1e300}"#),
            (#""rec-1""#, #""""#), (#""rec-1""#, #""a\nb""#),
        ])
    func nonsense(old: String, new: String) async throws {
        let body = sampleAnswer.replacingOccurrences(of: old, with: new)
        #expect(body != sampleAnswer)
        try await withClient({ _ in .json(200, body) }) { client, _ async throws in
            let error = await #expect(throws: ClientError.self) { try await client.optimize(request) }
            guard case .unexpectedAnswer = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test("An answer larger than a mebibyte is not read to its end")
    func huge() async throws {
        let body = "{\"x\":\"" + String(repeating: "a", count: 2 << 20) + "\"}"
        try await withClient({ _ in .json(200, body) }) { client, _ async throws in
            let error = await #expect(throws: ClientError.self) { try await client.ready() }
            guard case .unexpectedAnswer = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test("A server that accepts and says nothing, or stops in the middle, is late", arguments: [true, false])
    func late(saysNothing: Bool) async throws {
        try await withClient({ _ in saysNothing ? .silence : .headOnly }) { client, _ async throws in
            let begun = ContinuousClock.now
            await #expect(throws: ClientError.timeout) {
                try await client.optimize(request, within: .milliseconds(100))
            }
            #expect(begun.duration(to: .now) < .seconds(2))
        }
    }

    @Test("Nobody there is unreachable, with the system's own words")
    func nobody() async throws {
        let server = try LoopbackServer { _ in .silence }
        server.stop()
        let client = InframindClient(endpoint: try ServerEndpoint(url: server.url, token: nil))
        await #expect(throws: ClientError.unreachable("Connection refused")) { try await client.ready() }
        await client.shutdown()
    }

    @Test("A refusal carries the server's problem")
    func refusal() async throws {
        let problem =
            #"{"type":"t","title":"Invalid","status":422,"detail":"no","errors":[{"field":"f","message":"m"}]}"#
        let head = "HTTP/1.1 422 X\r\nContent-Type: application/problem+json; charset=utf-8\r\nContent-Length: "
        let answer = "\(head)\(problem.utf8.count)\r\n\r\n\(problem)"
        try await withClient({ _ in .bytes(Array(answer.utf8)) }) { client, _ async throws in
            let error = try #require(await #expect(throws: ClientError.self) { try await client.optimize(request) })
            #expect(error.isRefused(with: 422))
            #expect(error.isPermanent)
            #expect("\(error)" == "the server refused (422): no; f m")
        }
    }

    @Test(
        "Only what can never succeed is permanent",
        arguments: [
            (400, true), (403, false), (404, true), (408, false), (409, true), (429, false), (500, false), (503, false),
        ])
    func permanence(status: Int, isPermanent: Bool) async throws {
        try await withClient({ _ in .problem(status) }) { client, _ async throws in
            let error = try #require(await #expect(throws: ClientError.self) { try await client.ready() })
            #expect(error.isRefused(with: status))
            #expect(error.isPermanent == isPermanent)
        }
    }

    @Test("A refusal that is not in the words of the API is nobody's last word", arguments: [400, 404, 409, 422, 503])
    func foreignRefusal(status: Int) async throws {
        let problem = #"{"type":"t","title":"No","status":\#(status),"detail":"no"}"#
        for body in ["", "<html>", problem] {
            try await withClient({ _ in .json(status, body) }) { client, _ async throws in
                let error = try #require(await #expect(throws: ClientError.self) { try await client.ready() })
                #expect(error == .foreignStatus(status) && error.status == status)
                #expect(!error.isPermanent && !error.isRefused(with: status))
            }
        }
    }

    @Test(
        "The token check tells a refused token from an unknown recommendation", arguments: [(404, true), (403, false)])
    func tokenCheck(status: Int, isAccepted: Bool) async throws {
        try await withClient({ _ in .problem(status) }) { client, server async throws in
            let answer = try await client.isTokenAccepted()
            #expect(answer == isAccepted)
            #expect(server.requests.first?.path == "/recommendations/token-check")
        }
    }

    @Test(
        "An id stays one segment of the path",
        arguments: [("a-b_c.9~", "a-b_c.9~"), ("a/../b?c", "a%2F..%2Fb%3Fc"), ("é", "%C3%A9"), ("", "")])
    func pathSegment(id: String, encoded: String) {
        #expect(percentEncoded(pathSegment: id) == encoded)
    }

    @Test("A whole report goes out in order")
    func deliver() async throws {
        try await withClient({ _ in .json(200, #"{"ok":true}"#) }) { client, server async throws in
            try await client.deliver(.sample())
            #expect(
                server.requests.map(\.path) == ["/builds/start", "/builds/step", "/builds/step", "/builds/complete"])
        }
    }

    @Test("After a conflict the rest of the report still goes out")
    func conflict() async throws {
        try await withClient({ $0.path == "/builds/start" ? .problem(409) : .json(200, #"{"ok":true}"#) }) {
            client, server async throws in
            try await client.deliver(.sample())
            #expect(server.requests.count == 4)
        }
    }

    @Test("Only the ends are sent of a run that has begun")
    func ends() async throws {
        try await withClient({ _ in .json(200, #"{"ok":true}"#) }) { client, server async throws in
            try await client.deliver(.sample(), onlyEnds: true)
            #expect(server.requests.map(\.path) == ["/builds/step", "/builds/complete"])
            #expect(server.requests[0].body.contains(#""event":"stop""#))
        }
    }

    @Test("Steps of a run nobody has started bring their run with them")
    func orphanedSteps() async throws {
        let started = StartedRuns()
        try await withClient({ request in
            if request.path == "/builds/start" { started.note() }
            return request.path == "/builds/step" && !started.any ? .problem(404) : .json(200, #"{"ok":true}"#)
        }) { client, server async throws in
            try await client.deliver(.sample(scope: .steps))
            #expect(
                server.requests.map(\.path)
                    == ["/builds/step", "/builds/start", "/builds/step", "/builds/step", "/builds/complete"])
        }
    }
}

private final class StartedRuns: @unchecked Sendable {
    private let lock = NSLock()
    private var count = 0

    var any: Bool { lock.withLock { count > 0 } }

    func note() { lock.withLock { count += 1 } }
}
