import Foundation
import Scaffolding
import Testing

@testable import CLI

/// The other subcommands, on the real binary.
@Suite struct CommandTests {
    private func withServer(
        _ answer: @escaping @Sendable (LoopbackServer.Request) -> LoopbackServer.Answer,
        _ body: (Binary, LoopbackServer) throws -> Void
    ) throws {
        let server = try LoopbackServer(answer)
        defer { server.stop() }
        try body(try Binary(server: server.url), server)
    }

    @Test(
        "Wrong usage is status 2",
        arguments: [
            ["run"], ["run", "--"], ["run", "make"], ["run", "--jobs", "0", "--", "true"],
            ["run", "--nonsense", "--", "true"],
            ["nonsense"], ["optimize", "--max-cpu", "-1"], ["optimize", "--server", "x"],
            ["optimize", "--format", "xml"],
            ["step", "end", "x", "--exit-code", "300"], ["step", "begin", ""], ["step", "begin", "\u{1}"],
            ["step", "begin", String(repeating: "n", count: 1025)], ["complete", "--duration", "1"],
            ["optimize", "--min-ram-gb", "9", "--max-mem-gb", "8"], ["run", "--report-timeout-ms", "-1", "--", "true"],
        ])
    func usage(arguments: [String]) throws {
        let result = try Binary()(arguments)
        #expect(result.status == 2)
        #expect(!result.diagnostics.isEmpty && result.output.isEmpty)
    }

    @Test(
        "Help and version go to standard output and succeed",
        arguments: [["--version"], ["--help"], ["run", "--help"]])
    func help(arguments: [String]) throws {
        let result = try Binary()(arguments)
        #expect(result.status == 0 && !result.output.isEmpty && result.diagnostics.isEmpty)
    }

    @Test("A server that is away is status 1", arguments: [["optimize"], ["explain", "x"], ["doctor"]])
    func away(arguments: [String]) throws {
        #expect(try Binary()(arguments).status == 1)
    }

    @Test("Settings can be read by a shell")
    func optimize() throws {
        try withServer({ _ in .json(200, sampleAnswer()) }) { binary, server throws in
            let result = try binary(["optimize", "--pipeline", "app", "--max-cpu", "8", "--format", "env"])
            #expect(result.status == 0)
            #expect(result.output.hasPrefix("export IM_CONCURRENCY=6\n"))
            #expect(try #require(server.requests.first).body.contains(#""max_cpu":8"#))
            #expect(try binary(["optimize", "--pipeline", "app", "--json"]).output.hasPrefix("{"))
            #expect(try binary(["optimize", "--pipeline", "app"]).output.contains("jobs        6"))
        }
    }

    @Test("A recommendation is explained, by its id or anew")
    func explain() throws {
        try withServer({ _ in .json(200, sampleAnswer()) }) { binary, server throws in
            #expect(try binary(["explain", "rec/1"]).output.contains("Guardrails that acted"))
            #expect(try binary(["explain", "--pipeline", "app"]).status == 0)
            #expect(
                server.requests.map { "\($0.method) \($0.path)" } == ["GET /recommendations/rec%2F1", "POST /optimize"])
        }
    }

    @Test(
        "Commands the documents name exist, and say how they are used",
        arguments: ["README.md", "docs/quickstart.md", "docs/ml.md"])
    func documented(document: String) throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: document), encoding: .utf8)
        let names = Set(
            text.split(separator: "inframind ").dropFirst()
                .map { String($0.prefix(while: \.isLowercase)) }.filter { !$0.isEmpty })
        #expect(!names.isEmpty)
        for name in names {
            let help = try Binary()([name, "--help"])
            #expect(
                help.status == 0 && help.output.contains("USAGE: inframind \(name)"), "\(document): inframind \(name)")
        }
    }

    @Test("Models are listed, shown, trained and taken back")
    func models() throws {
        let model =
            #"{"version":"memory-1","created_at":"2026-04-01T10:00:00Z","active":true,"metrics":{"rows":60,"mae":0.25}}"#
        let answer: @Sendable (LoopbackServer.Request) -> LoopbackServer.Answer = { request in
            switch (request.method, request.path) {
            case ("GET", "/models"):
                .json(
                    200,
                    #"{"active":"memory-1","models":[\#(model),{"version":"none","active":false,"metrics":{}}]}"#)
            case ("POST", "/models/train"): .json(201, #"{"model":\#(model),"reason":"It is the first."}"#)
            case ("POST", "/models/none/activate"): .json(200, #"{"active":"none"}"#)
            default: .problem(404)
            }
        }
        try withServer(answer) { binary, _ throws in
            let list = try binary(["models"])
            #expect(list.status == 0 && list.output.contains("*  memory-1  2026-04-01T10:00:00Z  60"))
            #expect(try binary(["models", "list", "--json"]).output.contains(#""active" : "memory-1""#))
            #expect(try binary(["models", "show"]).output.contains("in force  yes"))
            let unknown = try binary(["models", "show", "memory-9"])
            #expect(unknown.status == 1 && unknown.diagnostics.contains("inframind models list"))
            #expect(try binary(["models", "train"]).output.hasSuffix("It is the first.\n"))
            #expect(try binary(["models", "activate", "none"]).output == "In force: none\n")
            #expect(try binary(["models", "activate", "x"]).status == 1)
        }
    }

    @Test("The doctor is content with a server that is ready and accepts the token, and not with others")
    func doctor() throws {
        try withServer({ $0.path == "/readyz" ? .json(200, "{}") : .problem(404) }) { binary, _ throws in
            let result = try binary(["doctor"])
            #expect(result.status == 0, "\(result.output)")
            #expect(try binary(["doctor", "--json"]).output.contains(#""name" : "token""#))
        }
        try withServer({ $0.path == "/readyz" ? .json(200, "{}") : .problem(403) }) { binary, _ throws in
            let result = try binary(["doctor"])
            #expect(result.status == 1 && result.output.contains("INFRAMIND_TOKEN"))
        }
        try withServer({ _ in .json(503, "") }) { binary, _ throws in #expect(try binary(["doctor"]).status == 1) }
    }

    @Test("A step is measured between two commands, and reported once")
    func step() throws {
        try withServer({ _ in .json(200, #"{"ok":true}"#) }) { binary, server throws in
            #expect(try binary(["step", "begin", "unit tests", "--pipeline", "app"]).status == 0)
            let end = try binary(["step", "end", "unit tests", "--exit-code", "3", "--json"])
            #expect(end.status == 0 && end.output.contains(#""exit_code" : 3"#) && end.output.contains("wall_s"))
            #expect(
                server.requests.map(\.path) == ["/builds/start", "/builds/step", "/builds/step", "/builds/complete"])
            #expect(server.requests[3].body.contains("failure"))
            let again = try binary(["step", "end", "unit tests"])
            #expect(again.status == 1 && again.diagnostics.contains("has not begun"))
        }
    }

    @Test("A step of a named run leaves it open, until it is completed")
    func complete() throws {
        try withServer({ _ in .json(200, #"{"ok":true}"#) }) { binary, server throws in
            var binary = binary
            binary.environment["INFRAMIND_RUN_ID"] = "nightly"
            _ = try binary(["step", "begin", "a"])
            _ = try binary(["step", "end", "a"])
            #expect(!server.requests.contains { $0.path == "/builds/complete" })
            #expect(try binary(["complete", "--status", "failed", "--duration", "12"]).status == 0)
            #expect(try #require(server.requests.last).body.contains(#""run_id":"nightly""#))
        }
    }

    @Test("Without a name the step that began last ends, and then the one before it")
    func unnamedEnd() throws {
        try withServer({ _ in .json(200, #"{"ok":true}"#) }) { binary, server throws in
            var binary = binary
            binary.environment["INFRAMIND_RUN_ID"] = "nightly"
            for name in ["outer", "inner"] { _ = try binary(["step", "begin", name]) }
            // Another job's steps are its own.
            binary.environment["INFRAMIND_RUN_ID"] = "other"
            let other = try binary(["step", "end"])
            #expect(other.status == 1 && other.diagnostics.contains("no step has begun"))
            binary.environment["INFRAMIND_RUN_ID"] = "nightly"
            for name in ["inner", "outer"] {
                #expect(try binary(["step", "end"]).status == 0)
                #expect(try #require(server.requests.last).body.contains(#""step":"\#(name)""#))
            }
            #expect(try binary(["step", "end"]).status == 1)
        }
    }

    @Test("A step that cannot be reported waits in the spool")
    func stepSpooled() throws {
        let binary = try Binary()
        _ = try binary(["step", "begin", "a"])
        #expect(try binary(["step", "end", "a"]).status == 0)
        #expect(binary.spooled.count == 1)
    }
}
