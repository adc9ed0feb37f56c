import Foundation
import Glibc
import Synchronization
import Scaffolding
import Testing

@testable import CLI

@Suite struct ServerTroubleTests {
    @Test("Without a server the command runs, and the report waits in the spool")
    func away() throws {
        let binary = try Binary()
        let result = try binary.run(["sh", "-c", "echo fine; exit 3"])
        #expect(result.status == 3 && result.output == "fine\n" && result.diagnostics.isEmpty)
        #expect(binary.spooled.count == 1)
    }

    @Test("The next run sends what waits, oldest first, and the spool is empty again")
    func flush() throws {
        var binary = try Binary()
        for _ in 0..<3 { _ = try binary.run(["true"]) }
        #expect(binary.spooled.count == 3)
        let server = try LoopbackServer { $0.path == "/optimize" ? .json(503, "") : .json(200, #"{"ok":true}"#) }
        defer { server.stop() }
        binary.environment["INFRAMIND_URL"] = server.url
        // The flush runs beside the command, which ends when the spool is empty, or after ten seconds.
        let script =
            "n=0; while find spool -name '*.json' | grep -q . && [ $n -lt 500 ]; do sleep 0.02; n=$((n+1)); done"
        #expect(try binary.run(["sh", "-c", script]).status == 0)
        #expect(binary.spooled.isEmpty)
        #expect(server.requests.filter { $0.path == "/builds/complete" }.count == 4)
    }

    @Test("A server that accepts and never answers costs no more than its budget")
    func silent() throws {
        let server = try LoopbackServer { _ in .silence }
        defer { server.stop() }
        let binary = try Binary(server: server.url)
        let result = try binary.run(["sh", "-c", "exit 4"])
        #expect(result.status == 4)
        // 300 ms for the question and 250 ms for the report, and a generous second for a busy machine.
        #expect(result.seconds < 1.6, "took \(result.seconds) s")
        #expect(binary.spooled.count == 1)
    }

    @Test(
        "Rubbish for an answer changes nothing",
        arguments: ["hello", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", "HTTP/1.1 200 OK\r\n\r\n\u{0}"])
    func rubbish(bytes: String) throws {
        let server = try LoopbackServer { _ in .bytes(Array(bytes.utf8)) }
        defer { server.stop() }
        let result = try Binary(server: server.url).run(["sh", "-c", "echo ${MAKEFLAGS:-none}; exit 5"])
        #expect(result.status == 5 && result.output == "none\n" && result.diagnostics.isEmpty)
    }

    @Test(
        "Wrong settings of ours keep no command from running",
        arguments: [
            ["INFRAMIND_URL": "not a url"], ["INFRAMIND_TOKEN": "a\nb"], ["INFRAMIND_SPOOL": "/proc/nowhere"],
            ["HOME": "/proc/nowhere", "TMPDIR": "/proc/nowhere", "INFRAMIND_SPOOL": ""], ["INFRAMIND_RUN_ID": "\u{1}"],
            ["XDG_STATE_HOME": "relative", "CCACHE_DIR": "/proc/nowhere"],
        ])
    func misconfigured(settings: [String: String]) throws {
        var binary = try Binary()
        binary.environment.merge(settings) { $1 }
        let result = try binary.run(["sh", "-c", "echo fine; exit 3"])
        #expect(result.status == 3 && result.output == "fine\n" && result.diagnostics.isEmpty)
    }

    @Test("What a proxy refuses waits in the spool; what the server itself refuses does not")
    func foreignRefusal() throws {
        for (answer, waiting) in [
            (LoopbackServer.Answer.json(404, "<html>404</html>"), 1), (.json(409, "{}"), 1), (.problem(422), 0),
        ] {
            let server = try LoopbackServer { _ in answer }
            defer { server.stop() }
            let binary = try Binary(server: server.url)
            #expect(try binary.run(["true"], options: ["--report-timeout-ms", "5000"]).status == 0)
            #expect(binary.spooled.count == waiting, "\(answer)")
        }
    }

    @Test("A recommendation for the outer command is not the size of the inner one's container")
    func nestedCapacity() throws {
        let server = try LoopbackServer {
            $0.path == "/optimize" ? .json(200, sampleAnswer()) : .json(200, #"{"ok":true}"#)
        }
        defer { server.stop() }
        var binary = try Binary(server: server.url)
        binary.environment["IM_MEM_REQUEST_GB"] = "0.0625"
        let options = ["--optimize-timeout-ms", "5000"]
        _ = try binary.run([Binary.path, "run"] + options + ["--", "true"], options: options)
        let questions = server.requests.filter { $0.path == "/optimize" }.map(\.body)
        try #require(questions.count == 2)
        #expect(questions[0].contains(#""max_mem_gb":0.0625"#))
        #expect(!questions[1].contains(#""max_mem_gb":0.0625"#) && !questions[1].contains(#""max_mem_gb":7.25"#))
    }

    @Test("A lock that somebody holds for ever keeps no report from the spool")
    func heldLock() throws {
        let binary = try Binary()
        _ = try binary.run(["true"])
        let file = open(binary.folder.path + "/spool/write.lock", O_RDWR | O_CLOEXEC)
        try #require(file >= 0 && flock(file, LOCK_EX) == 0)
        defer { close(file) }
        let result = try binary.run(["sh", "-c", "exit 3"])
        #expect(result.status == 3 && result.seconds < 5)
        #expect(binary.spooled.count == 2)
    }

    @Test("A pipe that nobody reads gets no report, and holds nobody up")
    func unreadPipe() throws {
        let binary = try Binary()
        try #require(mkfifo(binary.folder.path + "/pipe", 0o600) == 0)
        let result = try binary.run(["sh", "-c", "exit 3"], options: ["--report", "pipe"])
        #expect(result.status == 3 && result.seconds < 5)
    }

    @Test("A recommendation reaches the command, and the report names it")
    func recommendation() throws {
        let server = try LoopbackServer {
            $0.path == "/optimize" ? .json(200, sampleAnswer()) : .json(200, #"{"ok":true}"#)
        }
        defer { server.stop() }
        let binary = try Binary(server: server.url)
        let result = try binary.run(
            ["sh", "-c", "echo $MAKEFLAGS $CARGO_BUILD_JOBS $IM_CONCURRENCY {jobs} ${jobs:-shell}"],
            options: [
                "--pipeline", "app", "--step", "compile", "--optimize-timeout-ms", "5000", "--report-timeout-ms",
                "5000",
            ])
        #expect(result.output == "-j6 6 6 6 shell\n")
        #expect(
            server.requests.map(\.path).filter { $0 != "/optimize" } == [
                "/builds/start", "/builds/step", "/builds/step", "/builds/complete",
            ])
        let question = try #require(server.requests.first { $0.path == "/optimize" }).body
        #expect(
            question.contains(#""pipeline":"app""#) && question.contains("max_concurrency")
                && question.contains("node_cpu"))
        #expect(
            try #require(server.requests.first { $0.path == "/builds/start" }).body.contains(
                #""recommendation_id":"rec-1""#))
        #expect(try #require(server.requests.last).body.contains(#""status":"success""#))
        #expect(binary.spooled.isEmpty)
    }

    @Test("What the user states is not overridden")
    func explicit() throws {
        let server = try LoopbackServer {
            $0.path == "/optimize" ? .json(200, sampleAnswer()) : .json(200, #"{"ok":true}"#)
        }
        defer { server.stop() }
        var binary = try Binary(server: server.url)
        binary.environment["CARGO_BUILD_JOBS"] = "2"
        let options = ["--optimize-timeout-ms", "5000"]
        let script = ["sh", "-c", "echo $MAKEFLAGS $CARGO_BUILD_JOBS"]
        #expect(try binary.run(script, options: options).output == "-j6 2\n")
        #expect(try binary.run(script, options: options + ["--jobs", "3"]).output == "-j3 3\n")
        #expect(try binary.run(script, options: ["--no-optimize"]).output == "2\n")
    }

    @Test("A nested wrapper adds a step to the outer run and does not end it")
    func nested() throws {
        let server = try LoopbackServer { $0.path == "/optimize" ? .json(503, "") : .json(200, #"{"ok":true}"#) }
        defer { server.stop() }
        let binary = try Binary(server: server.url)
        let options = ["--report-timeout-ms", "5000"]
        _ = try binary.run([Binary.path, "run", "--step", "inner"] + options + ["--", "true"], options: options)
        #expect(server.requests.filter { $0.path == "/builds/start" }.count == 1)
        #expect(server.requests.filter { $0.path == "/builds/complete" }.count == 1)
        #expect(server.requests.filter { $0.path == "/builds/step" }.count == 4)
    }

    @Test("The report file says what was used and who decided")
    func reportFile() throws {
        let binary = try Binary()
        _ = try binary.run(["sh", "-c", "exit 7"], options: ["--report", "usage.json", "--jobs", "3"])
        let data = try Data(contentsOf: URL(fileURLWithPath: binary.folder.path + "/usage.json"))
        let report = try JSONDecoder().decode(RunReportFile.self, from: data)
        #expect(report.counters.exitCode == 7 && report.status == .failure && report.delivery == "spooled")
        #expect(report.jobs == 3 && report.jobsDecidedBy == .flag)
        #expect((report.counters.wallSeconds ?? -1) >= 0)
    }

    @Test("A report for a link goes where the link points, and the link stays")
    func reportThroughLink() throws {
        let binary = try Binary()
        let link = binary.folder.path + "/link"
        try binary.folder.write("old, and longer than nothing", to: "target")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "target")
        _ = try binary.run(["true"], options: ["--report", "link"])
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "target")
        #expect(try String(contentsOfFile: binary.folder.path + "/target", encoding: .utf8).hasPrefix("{"))
    }
}
