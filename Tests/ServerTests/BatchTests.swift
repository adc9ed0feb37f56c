import Builds
import Foundation
import Scaffolding
import Testing

@testable import Server

@Suite("Batches")
struct BatchTests {
    /// JSON on one line.
    private static func line(_ kind: String, _ body: String) -> String {
        "{\"\(kind)\":\(body.replacing("\n", with: ""))}"
    }

    private static func wholeBuild(_ id: String) -> [String] {
        [
            line("start", BuildReports.start(id)), line("step", BuildReports.step(id, event: "start")),
            line("step", BuildReports.step(id, event: "stop", at: "2026-03-01T12:05:10Z")),
            line("complete", BuildReports.complete(id)),
        ]
    }

    /// What `gzip` makes of bytes.
    private static func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/gzip")
        process.arguments = ["--stdout"]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let writer = Thread {
            input.fileHandleForWriting.write(Data(bytes))
            try? input.fileHandleForWriting.close()
        }
        writer.start()
        let packed = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Array(packed)
    }

    @Test("Builds in a batch are recorded and learned as if they came one by one, and once", arguments: [false, true])
    func builds(_ isPacked: Bool) async throws {
        try await withServer { api in
            let lines =
                (1...30).flatMap { Self.wholeBuild("r\($0)") } + [Self.line("run", BuildReports.wholeRun(7)), ""]
            let plain = Array(lines.joined(separator: "\n").utf8)
            for round in 1...2 {
                let answer = try await api.send(
                    .post, "/batch", bytes: isPacked ? Self.gzip(plain) : plain,
                    headers: isPacked ? [.contentEncoding: "gzip"] : [:])
                #expect(answer.status == 200, "\(answer.text)")
                #expect(answer.json["accepted"] == .number(round == 1 ? 121 : 0))
                #expect(answer.json["unchanged"] == .number(round == 1 ? 0 : 121))
                #expect(answer.json["problems"].count == 0)
            }
            #expect(try await api.get("/runs/r17").json["steps"].count == 1)
            // The answer may come before all is learned.
            #expect(
                try await happens {
                    try await api.get("/metrics").text.contains("inframind_outcomes_learned_total 31\n")
                })
        }
    }

    @Test("A bad line is listed with its number and what is wrong, and spoils no other")
    func badLines() async throws {
        try await withServer { api in
            let lines = [
                "nonsense", Self.line("start", BuildReports.start("r1")), "",
                Self.line("complete", BuildReports.complete("unknown")), Self.line("later", "{}"),
                Self.line("complete", #"{"run_id":"r1","status":"fine","duration_s":-1}"#),
                Self.line("start", BuildReports.start("r1", pipeline: "other")),
                Self.line("step", BuildReports.step("r1", event: "start")) + "\r",
            ]
            let answer = try await api.post("/batch", lines.joined(separator: "\n")).json
            #expect(answer["accepted"] == 2 && answer["refused"] == 5)
            let problems = (0..<5).map { answer["problems"][$0] }
            #expect(problems.map { $0["line"].numberValue } == [1, 4, 5, 6, 7])
            #expect(problems.map { $0["status"].numberValue } == [400, 404, 422, 422, 409])
            #expect(problems[2]["detail"].stringValue?.contains("exactly one of start, step, complete and run") == true)
            #expect(problems[3]["errors"].count == 2)
        }
    }

    @Test("No more than a hundred bad lines are listed, and all are counted")
    func manyBadLines() async throws {
        try await withServer { api in
            let answer = try await api.post("/batch", String(repeating: "x\n", count: 250)).json
            #expect(answer["refused"] == 250 && answer["problems"].count == 100)
            #expect(answer["problems"][99]["line"] == 100)
        }
    }

    @Test("More lines than are held at once keep their order within a run, and their numbers")
    func manyLines() async throws {
        try await withServer { api in
            // The start of the run, two thousand lines of others, and its end.
            let others = (1...1000).flatMap { ["{}", Self.line("start", BuildReports.start("other-\($0)"))] }
            let whole = Self.wholeBuild("r1")
            let lines = Array(whole.prefix(1)) + others + Array(whole.dropFirst()) + ["x"]
            let answer = try await api.post("/batch", lines.joined(separator: "\n")).json
            #expect(answer["accepted"] == 1004 && answer["refused"] == 1001)
            let listed: [Double?] = (0..<100).map { answer["problems"][$0]["line"].numberValue }
            let expected: [Double?] = (1...100).map { Double(2 * $0) }
            #expect(listed == expected)
            #expect(try await api.get("/runs/r1").json["status"] == "success")
        }
    }

    /// Packed bodies that must be refused.
    struct BadBody: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var bytes: @Sendable () throws -> [UInt8]
        var encoding = "gzip"
        var status: Int
        var says: String

        static let all = [
            BadBody(testDescription: "no gzip", bytes: { Array("{}".utf8) }, status: 400, says: "not or is damaged"),
            BadBody(testDescription: "nothing", bytes: { [] }, status: 400, says: "ended early"),
            BadBody(
                testDescription: "half of it", bytes: { Array(try gzip(Array("hello hello".utf8)).dropLast(9)) },
                status: 400, says: "ended early"),
            BadBody(
                testDescription: "damaged in the middle",
                bytes: {
                    var packed = try gzip(Array((0..<5000).map { "\($0 * 7919)" }.joined().utf8))
                    for index in 1000..<1010 { packed[index] ^= 0xFF }
                    return packed
                }, status: 400, says: "damaged"),
            BadBody(
                testDescription: "rubbish behind it", bytes: { try gzip(Array("\n".utf8)) + [1, 2, 3] }, status: 400,
                says: "damaged"),
            BadBody(
                testDescription: "a bomb", bytes: { try gzip([UInt8](repeating: 0x20, count: 20 << 20)) }, status: 400,
                says: "more than 100 times its size"),
            BadBody(
                testDescription: "another encoding", bytes: { [1] }, encoding: "br", status: 415,
                says: "send gzip or none"),
        ]
    }

    @Test("A body that cannot be unpacked, or becomes too large, is refused with a sentence", arguments: BadBody.all)
    func badBodies(_ row: BadBody) async throws {
        try await withServer { api in
            let answer = try await api.send(
                .post, "/batch", bytes: row.bytes(), headers: [.contentEncoding: row.encoding])
            #expect(answer.status == row.status && answer.text.contains(row.says), "\(answer.status) \(answer.text)")
        }
    }
}
