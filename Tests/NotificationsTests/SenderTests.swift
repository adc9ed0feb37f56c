import Builds
import Foundation
import Scaffolding
import Synchronization
import Testing

@testable import Notifications

@Suite("Sending")
struct SenderTests {
    /// A busy machine takes its time: only who waits for nothing waits for little.
    private static func limits(seconds: Double) -> Sender.Limits {
        var limits = Sender.Limits()
        limits.totalSeconds = seconds
        limits.connectSeconds = seconds
        return limits
    }

    /// Sends one message of a kind to a receiver that answers as it is told.
    private func send(
        _ kind: Destination.Kind = .slack, to receiver: LoopbackServer, path: String = "/services/T000/SECRETPATH",
        within seconds: Double = 60, _ change: (inout Destination) throws -> Void = { _ in }
    ) async throws -> SendOutcome {
        var destination = try destination(kind, url: receiver.url + path)
        try change(&destination)
        let sender = Sender(origin: "/inframind", limits: Self.limits(seconds: seconds))
        let outcome = await sender.send(message(), to: destination, at: time())
        await sender.shutdown()
        return outcome
    }

    private func receiver(_ answer: LoopbackServer.Answer) throws -> LoopbackServer {
        try LoopbackServer { _ in answer }
    }

    private static func raw(_ text: String) -> LoopbackServer.Answer { .bytes(Array(text.utf8)) }

    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var answer: LoopbackServer.Answer
        var outcome: SendOutcome
    }

    static let rows = [
        Row(testDescription: "ok", answer: raw("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), outcome: .delivered),
        Row(testDescription: "created", answer: .json(201, "{}"), outcome: .delivered),
        Row(testDescription: "no content", answer: raw("HTTP/1.1 204 No\r\n\r\n"), outcome: .delivered),
        Row(
            testDescription: "bad blocks", answer: .json(400, "invalid_blocks"),
            outcome: .rejected("HTTP 400: invalid_blocks")),
        Row(testDescription: "gone", answer: .json(404, "no_service"), outcome: .failed("HTTP 404: no_service")),
        Row(testDescription: "token", answer: .json(403, "invalid_token"), outcome: .failed("HTTP 403: invalid_token")),
        Row(testDescription: "broken", answer: .json(500, ""), outcome: .failed("HTTP 500")),
        Row(
            testDescription: "line breaks", answer: .json(500, "a\r\nforged log line"),
            outcome: .failed("HTTP 500: a  forged log line")),
        Row(
            testDescription: "too often", answer: raw("HTTP/1.1 429 X\r\nRetry-After: 30\r\nContent-Length: 0\r\n\r\n"),
            outcome: .throttled(seconds: 30)),
        Row(
            testDescription: "too often, until a time gone by",
            answer: raw("HTTP/1.1 429 X\r\nRetry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\nContent-Length: 0\r\n\r\n"),
            outcome: .throttled(seconds: 0)),
        Row(
            testDescription: "too often, and nonsense",
            answer: raw("HTTP/1.1 429 X\r\nRetry-After: soon\r\nContent-Length: 0\r\n\r\n"),
            outcome: .throttled(seconds: nil)),
        Row(testDescription: "silence", answer: .silence, outcome: .failed("no answer in time")),
        Row(testDescription: "half an answer", answer: .headOnly, outcome: .failed("no answer in time")),
        Row(
            testDescription: "no answer", answer: .bytes([]),
            outcome: .failed("the connection was closed without an answer")),
        Row(testDescription: "no HTTP", answer: raw("SSH-2.0-OpenSSH\r\n"), outcome: .failed("the answer is no HTTP")),
    ]

    @Test("Whatever a receiver answers is one of four outcomes, with a reason", arguments: rows)
    func outcomes(_ row: Row) async throws {
        let receiver = try receiver(row.answer)
        defer { receiver.stop() }
        let isLate = row.outcome == .failed("no answer in time")
        let outcome = try await send(to: receiver, within: isLate ? 1 : 60)
        #expect(outcome == row.outcome)
        #expect(receiver.requests.count == 1)
    }

    @Test("Nobody there is an outcome, too")
    func nobody() async throws {
        let sender = Sender(origin: "/inframind", limits: Self.limits(seconds: 60))
        let port = try LoopbackSocket.freePort()
        let outcome = await sender.send(
            message(), to: try destination(.slack, url: "http://127.0.0.1:\(port)/SECRETPATH"), at: time())
        await sender.shutdown()
        #expect(outcome == .failed("nobody could be reached there"))
    }

    @Test("A redirect is not followed: nobody else gets the message or the token")
    func redirect() async throws {
        let other = try receiver(.json(200, "ok"))
        defer { other.stop() }
        for status in [301, 302, 307, 308] {
            let receiver = try receiver(
                Self.raw("HTTP/1.1 \(status) X\r\nLocation: \(other.url)/\r\nContent-Length: 0\r\n\r\n"))
            defer { receiver.stop() }
            let outcome = try await send(to: receiver) { $0.token = Secret("TOKENSECRET") }
            #expect(outcome == .failed("HTTP \(status); redirects are not followed"))
        }
        #expect(other.requests.isEmpty)
    }

    @Test("An answer without end is not read to its end")
    func endless() async throws {
        let body = String(repeating: "x", count: 8 << 20)
        let receiver = try receiver(.json(500, body))
        defer { receiver.stop() }
        let outcome = try await send(to: receiver)
        guard case .failed(let reason) = outcome else { return #expect(Bool(false), "\(outcome)") }
        #expect(reason.count < 200 && reason.hasPrefix("HTTP 500: xxx"))
    }

    @Test("A receiver that repeats what it was sent does not put a secret into a reason")
    func echo() async throws {
        let receiver = try LoopbackServer { request in
            .json(500, "\(request.path) \(request.headers["authorization"] ?? "") SIGNINGSECRET-SIGNINGSECRET")
        }
        defer { receiver.stop() }
        let outcome = try await send(.webhook, to: receiver) { destination in
            destination.token = Secret("TOKENSECRET")
            destination.signature = try WebhookSignature(secret: "SIGNINGSECRET-SIGNINGSECRET")
        }
        #expect(outcome == .failed("HTTP 500: … Bearer … …"))
        #expect(receiver.requests.first?.headers["authorization"] == "Bearer TOKENSECRET")
    }

    @Test("Each kind arrives in its shape, at its path", arguments: Destination.Kind.allCases)
    func arrival(_ kind: Destination.Kind) async throws {
        let receiver = try receiver(.json(200, "ok"))
        defer { receiver.stop() }
        let path = kind == .alertmanager ? "/prefix/" : "/services/T000/SECRETPATH"
        #expect(try await send(kind, to: receiver, path: path) == .delivered)
        let request = try #require(receiver.requests.first)
        #expect(request.method == "POST")
        #expect(request.path == (kind == .alertmanager ? "/prefix/api/v2/alerts" : path))
        let type = kind == .webhook ? "application/cloudevents+json; charset=utf-8" : "application/json"
        #expect(request.headers["content-type"] == type)
        let body = try JSONDecoder().decode(JSONValue.self, from: Data(request.body.utf8))
        switch kind {
        case .slack: #expect(body["blocks"].elements.count == 4 && body["text"].stringValue != nil)
        case .webhook: #expect(body["specversion"] == "1.0")
        case .alertmanager: #expect(body[0]["labels"]["alertname"] == "InframindOOM")
        }
    }

    @Test(
        "A real Alertmanager takes an alert, and has it with hostile names as well",
        .enabled(if: AlertmanagerServer.reasonToSkip == nil), arguments: ["shop/cart", "<!channel> \"x\" {y}\n$(z)"])
    func realAlertmanager(_ pipeline: String) async throws {
        let alertmanager = try await AlertmanagerServer()
        let sender = Sender(origin: "/inframind")
        let now = Timestamp(seconds: Date().timeIntervalSince1970)
        var alert = message(pipeline: pipeline)
        alert.at = now
        let outcome = await sender.send(alert, to: try destination(.alertmanager, url: alertmanager.url), at: now)
        await sender.shutdown()
        #expect(outcome == .delivered)
        let answer = try alertmanager.get("/api/v2/alerts?filter=alertname%3D%22InframindOOM%22")
        let body = answer.components(separatedBy: "\r\n\r\n").dropFirst().joined(separator: "\r\n\r\n")
        let alerts = try JSONDecoder().decode(JSONValue.self, from: Data(body.utf8))
        #expect(alerts.elements.count == 1, "\(answer)")
        #expect(alerts[0]["labels"]["pipeline"] == .string(PlainText.forAlertmanager(pipeline)))
        #expect(alerts[0]["status"]["state"] == "active")
        #expect(alerts[0]["annotations"]["description"].stringValue?.hasPrefix("OOM killed at 7.8 of 8 GiB") == true)
    }
}
