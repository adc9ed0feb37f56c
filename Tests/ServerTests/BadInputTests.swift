import Builds
import Foundation
import Testing

@testable import Server

struct BadInput: Sendable, CustomTestStringConvertible {
    var name: String
    var path: String
    var bytes: [UInt8]
    var status: Int
    var contains: [String]

    init(_ name: String, _ path: String, _ body: String, _ status: Int, _ contains: String...) {
        self.init(name, path, bytes: Array(body.utf8), status, contains)
    }

    init(_ name: String, _ path: String, bytes: [UInt8], _ status: Int, _ contains: [String]) {
        self.name = name
        self.path = path
        self.bytes = bytes
        self.status = status
        self.contains = contains
    }

    var testDescription: String { name }

    private static let manySteps = (0..<10_000).map { #"{"name":"s\#($0)","duration_s":1}"# }.joined(separator: ",")

    static let all: [BadInput] = [
        .init("nothing at all", "/optimize", "", 400, "empty"),
        .init("half a body", "/optimize", #"{"pipeline":"a","#, 400, "line 1"),
        .init("a bare word", "/builds/start", "hello", 400, "line 1, column 1"),
        .init("a comma too many", "/builds/start", "{\n  \"pipeline\": \"a\",\n}", 400, "line 3, column 1"),
        .init("two values", "/optimize", "{} {}", 400, "column 4"),
        .init("NaN", "/optimize", #"{"pipeline":"a","context":{"max_rss_gb":NaN}}"#, 400),
        .init(
            "a number beyond all doubles", "/optimize", #"{"pipeline":"a","context":{"max_rss_gb":1e999}}"#, 400,
            "too large"),
        .init(
            "a NUL byte", "/optimize", bytes: Array("{\"pipeline\":\"a".utf8) + [0] + Array("\",\"context\":{}}".utf8),
            400, ["NUL"]),
        .init(
            "bytes that are no UTF-8", "/optimize",
            bytes: Array("{\"pipeline\":\"".utf8) + [0xFF, 0xFE] + Array("\",\"context\":{}}".utf8), 400, ["UTF-8"]),
        .init("an escaped NUL in a name", "/optimize", #"{"pipeline":"a\u0000b","context":{}}"#, 422, "pipeline"),
        .init(
            "100,000 open brackets", "/optimize",
            #"{"pipeline":"a","context":{"x":"# + String(repeating: "[", count: 100_000), 400, "nesting"),
        .init(
            "100,000 brackets that close", "/optimize",
            #"{"pipeline":"a","context":{"x":"# + String(repeating: "[", count: 100_000)
                + String(repeating: "]", count: 100_000) + "}}", 400, "nesting"),
        .init(
            "values nested deeper than may be kept", "/optimize",
            #"{"pipeline":"a","context":{"x":[[[[[[[[[[1]]]]]]]]]]}}"#, 422, "context.x"),
        .init("a list for an object", "/optimize", "[]", 422, "must be an object"),
        .init("null for an object", "/optimize", "null", 422, "body"),
        .init("a missing pipeline", "/optimize", #"{"context":{}}"#, 422, #""field":"pipeline""#, "required"),
        .init("a missing context", "/optimize", #"{"pipeline":"a"}"#, 422, #""field":"context""#),
        .init("an empty pipeline", "/optimize", #"{"pipeline":"","context":{}}"#, 422, "must not be empty"),
        .init("a number for a name", "/optimize", #"{"pipeline":7,"context":{}}"#, 422, "must be a string"),
        .init(
            "a name for a number", "/optimize", #"{"pipeline":"a","context":{"max_rss_gb":"4"}}"#, 422,
            "context.max_rss_gb"),
        .init("a string for an object", "/optimize", #"{"pipeline":"a","context":"x"}"#, 422, "context"),
        .init(
            "an unknown cache state", "/optimize", #"{"pipeline":"a","context":{"cache_state":"hot"}}"#, 422,
            "context.cache_state"),
        .init(
            "a hit ratio of 7", "/optimize", #"{"pipeline":"a","context":{"cache_hit_ratio":7}}"#, 422,
            "cache_hit_ratio"),
        .init(
            "no jobs at all", "/optimize", #"{"pipeline":"a","context":{},"constraints":{"max_concurrency":0}}"#, 422,
            "max_concurrency"),
        .init(
            "bounds that cross", "/optimize",
            #"{"pipeline":"a","context":{},"constraints":{"min_ram_gb":9,"max_mem_gb":2}}"#, 422, "min_ram_gb"),
        .init("a million GiB", "/optimize", #"{"pipeline":"a","context":{"max_rss_gb":1e6}}"#, 422, "max_rss"),
        .init("memory in yottabytes", "/optimize", #"{"pipeline":"a","context":{"max_rss_bytes":1e300}}"#, 422),
        .init(
            "a negative peak", "/optimize", #"{"pipeline":"x","context":{"max_rss_gb":-4}}"#, 422, "max_rss_gb"),
        .init("a negative duration", "/runs", BuildReports.wholeRun(1, seconds: -5), 422, "duration_s"),
        .init("an absurd duration", "/runs", BuildReports.wholeRun(1, seconds: 1e12), 422, "duration_s"),
        .init("a status nobody knows", "/runs", BuildReports.wholeRun(1, status: "great"), 422, "status"),
        .init(
            "10,000 steps", "/runs",
            #"{"pipeline":"a","build_number":1,"start_time":"2026-03-01T12:00:00Z","duration_s":1,"status":"success","steps":[\#(manySteps)]}"#,
            422, "steps", "2000"),
        .init(
            "a step of another type", "/runs",
            #"{"pipeline":"a","build_number":1,"start_time":"2026-03-01T12:00:00Z","duration_s":1,"status":"success","steps":[{"name":"a","duration_s":1},{"name":"b","duration_s":"x"}]}"#,
            422, "steps[1].duration_s"),
        .init(
            "half an exit code", "/runs",
            #"{"pipeline":"a","build_number":1,"start_time":"2026-03-01T12:00:00Z","duration_s":1,"status":"success","steps":[{"name":"a","duration_s":1,"exit_code":1.5}]}"#,
            422),
        .init(
            "a clock that ran backwards", "/runs",
            #"{"pipeline":"a","build_number":1,"start_time":"2026-03-01T12:00:00Z","end_time":"2026-03-01T11:00:00Z","status":"success"}"#,
            422, "end_time"),
        .init(
            "no time at all", "/runs",
            #"{"pipeline":"a","build_number":1,"start_time":"yesterday","duration_s":1,"status":"success"}"#, 422,
            "start_time"),
        .init(
            "a start in the far future", "/runs",
            #"{"pipeline":"a","build_number":1,"start_time":"9999-01-01T00:00:00Z","duration_s":1,"status":"success"}"#,
            422, "future"),
        .init(
            "a build number that is an object", "/runs",
            #"{"pipeline":"a","build_number":{},"start_time":"2026-03-01T12:00:00Z","duration_s":1,"status":"success"}"#,
            422, "build_number"),
        .init("an event nobody knows", "/builds/step", BuildReports.step("known", event: "pause"), 422, "event"),
        .init(
            "a stop before its start", "/builds/step",
            BuildReports.step("known", event: "stop", at: "2026-03-01T11:00:00Z"), 422, "timestamp"),
        .init(
            "a stop of an unknown step", "/builds/step", BuildReports.step("known", event: "stop", span: "none"), 404,
            "none"),
        .init(
            "negative CPU time", "/builds/step",
            BuildReports.step("known", event: "stop", counters: #"{"cpu_time_s":-1}"#), 422, "counters.cpu_time_s"),
        .init(
            "counters that are a list", "/builds/step", BuildReports.step("known", event: "stop", counters: "[1]"), 422,
            "counters"),
        .init(
            "an infinite exit code", "/builds/step",
            BuildReports.step("known", event: "stop", counters: #"{"exit_code":1e30}"#), 422),
        .init("another run under the same id", "/builds/start", BuildReports.start("known", pipeline: "other"), 409),
        .init("5 MB of text", "/runs", bytes: [UInt8](repeating: 0x61, count: 5_000_000), 413, ["1048576"]),
    ]
}

@Suite("Bad input is told what is wrong, and the server goes on")
struct BadInputTests {
    @Test("Bad input", arguments: BadInput.all)
    func badInput(_ input: BadInput) async throws {
        try await withServer { api in
            #expect(try await api.post("/builds/start", BuildReports.start("known")).status == 200)
            #expect(try await api.post("/builds/step", BuildReports.step("known", event: "start")).status == 200)

            let answer = try await api.send(.post, input.path, bytes: input.bytes)
            #expect(answer.status == input.status, "\(answer.text.prefix(300))")
            #expect(answer.headers[.contentType] == "application/problem+json")
            #expect(answer.json["status"] == .number(Double(input.status)))
            for part in input.contains { #expect(answer.text.contains(part), "\(answer.text.prefix(300))") }
            if input.status == 422 { #expect(answer.json["errors"].count > 0) }

            let next = try await api.post("/optimize", BuildReports.fieldRequest)
            #expect(next.status == 200)
        }
    }

    @Test("A body of 5 MB over a real connection is refused, and the next request is answered")
    func oversizedBodyOverConnection() async throws {
        let server = TestServer()
        defer { server.remove() }
        try await server.run(.ahc()) { api in
            let answer = try await api.send(.post, "/runs", bytes: [UInt8](repeating: 0x20, count: 5_000_000))
            #expect(answer.status == 413)
            #expect(answer.headers[.connection] == nil)
            let next = try await api.post("/optimize", BuildReports.fieldRequest)
            #expect(next.status == 200)
        }
    }

    @Test(
        "A body far too large is refused before it is read, and its connection closed",
        arguments: [TestServer.key, nil])
    func endlessBody(token: String?) async throws {
        try await withServer {
            $0.limits.bodyBytes = 1024
        } _: { api in
            let answer = try await api.send(
                .post, "/runs", bytes: [UInt8](repeating: 0x20, count: 20_000), token: token)
            #expect(answer.status == (token == nil ? 403 : 413))
            #expect(answer.headers[.connection] == "close")
            let small = try await api.send(.post, "/runs", bytes: [UInt8](repeating: 0x20, count: 2000), token: token)
            #expect(small.headers[.connection] == nil)
        }
    }

    @Test("Ids with slashes and signs are found when they are percent-encoded")
    func encodedPath() async throws {
        try await withServer { api in
            #expect(try await api.post("/runs", BuildReports.wholeRun(12)).status == 201)
            let answer = try await api.get("/features/shop%2Fcart%2312")
            #expect(answer.status == 200)
            #expect(answer.json["run_id"] == "shop/cart#12")
            #expect(try await api.get("/features/%00").status == 400)
            #expect(try await api.get("/features/%FF%FE").status == 400)
            #expect(try await api.get("/features/" + String(repeating: "x", count: 5000)).status == 404)
        }
    }
}
