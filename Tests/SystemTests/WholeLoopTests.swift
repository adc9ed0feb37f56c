import Builds
import Client
import Faults
import Foundation
import Testing

@Suite("The whole loop", .serialized)
struct WholeLoopTests {
    @Test("Wrapped builds are measured, remembered, learned from, and size the next one", .timeLimit(.minutes(2)))
    func learnsFromBuilds() async throws {
        try await withTemporaryFolder { folder in
            let server = try RunningServer(data: folder.appendingPathComponent("data"))
            let environment = [
                "INFRAMIND_URL": server.endpoint.url, "INFRAMIND_SPOOL": folder.appendingPathComponent("spool").path,
            ]
            // A build of two parallel compiles that each hold memory for a moment.
            let makefile = folder.appendingPathComponent("Makefile")
            try """
            all: a b
            a b:
            \t@head -c 20000000 /dev/zero | tail -c 20000000 | wc -c > $@.out
            """.write(to: makefile, atomically: true, encoding: .utf8)

            for jobs in [1, 2, 1, 2, 1, 2] {
                let result = try Binaries.run(
                    Binaries.cli,
                    [
                        "run", "--pipeline", "loop", "--stage", "build", "--step", "compile", "--jobs", "\(jobs)", "--",
                        "make", "-s", "-C", folder.path, "-B", "-j{jobs}",
                    ], environment: environment)
                #expect(result.status == 0, "\(result.output)")
            }

            let client = InframindClient(endpoint: server.endpoint)
            let target = StepIdentity(pipeline: "loop", stage: "build", step: "compile")
            let answer = try await client.optimize(OptimizationRequest(target: target))
            #expect(answer.source == .history || answer.source == .model)
            #expect((1...4).contains(answer.suggestions.concurrency))
            #expect(answer.limits.mem_gb > 0.02, "less than the build was seen to need")
            #expect(!answer.reasons.isEmpty)
            let again = try await client.recommendation(id: answer.recommendation_id)
            #expect(again.recommendation_id == answer.recommendation_id)
            await client.shutdown()

            let explained = try Binaries.run(
                Binaries.cli, ["explain", answer.recommendation_id], environment: environment)
            #expect(explained.status == 0)
            #expect(explained.output.contains(answer.rationale))
            #expect(server.stop() == 0)
        }
    }

    @Test(
        "A run is explained by what it was given and used, and a tenant's own history is replayed",
        .timeLimit(.minutes(3)))
    func explainsAndReplays() async throws {
        try await withTemporaryFolder { folder in
            let server = try RunningServer(data: folder.appendingPathComponent("data"))
            var environment = [
                "INFRAMIND_URL": server.endpoint.url, "INFRAMIND_SPOOL": folder.appendingPathComponent("spool").path,
            ]
            let empty = try Binaries.run(Binaries.cli, ["backtest"], environment: environment)
            #expect(empty.status == 1)
            #expect(empty.output.contains("has learned no finished build with a measured peak"))
            for run in 1...12 {
                environment["INFRAMIND_RUN_ID"] = "run-\(run)"
                let result = try Binaries.run(
                    Binaries.cli, ["run", "--pipeline", "loop", "--step", "zeros", "--", "sh", "-c", Self.zeros],
                    environment: environment)
                #expect(result.status == 0, "\(result.output)")
            }
            environment["INFRAMIND_RUN_ID"] = nil

            let explained = try Binaries.run(Binaries.cli, ["explain", "run-12"], environment: environment)
            #expect(explained.status == 0, "\(explained.output)")
            for part in ["Run run-12 of loop: success", "zeros", "peak memory", "It followed recommendation"] {
                #expect(explained.output.contains(part), "\(part) in \(explained.output)")
            }
            let unknown = try Binaries.run(Binaries.cli, ["explain", "run-13"], environment: environment)
            #expect(unknown.status == 1)
            #expect(unknown.output.contains("knows no recommendation and no run 'run-13'"))

            let report = folder.appendingPathComponent("report.json")
            let replayed = try Binaries.run(
                Binaries.cli, ["backtest", "--pipeline", "loop", "--json", report.path], environment: environment)
            #expect(replayed.status == 0, "\(replayed.output)")
            #expect(replayed.output.contains("12 builds of 1 pipeline from \(server.endpoint.url)"))
            #expect(replayed.output.contains("history max"), "\(replayed.output)")
            #expect(FileManager.default.fileExists(atPath: report.path))
            let other = try Binaries.run(Binaries.cli, ["backtest", "--pipeline", "none"], environment: environment)
            #expect(other.status == 1)
            #expect(server.stop() == 0)
        }
    }

    private static let zeros = "head -c 20000000 /dev/zero | tail -c 20000000 | wc -c >/dev/null"

    @Test("A report made while the server is away arrives with the next run", .timeLimit(.minutes(2)))
    func spoolsAndDelivers() async throws {
        try await withTemporaryFolder { folder in
            let data = folder.appendingPathComponent("data")
            let spool = folder.appendingPathComponent("spool")
            // Nothing listens on port 9 (discard) of a test machine's loopback.
            let away = [
                "INFRAMIND_URL": "http://127.0.0.1:9", "INFRAMIND_SPOOL": spool.path, "INFRAMIND_RUN_ID": "offline-1",
            ]
            let offline = try Binaries.run(
                Binaries.cli, ["run", "--pipeline", "spooled", "--step", "s", "--", "sh", "-c", "echo out; exit 3"],
                environment: away)
            #expect(offline.status == 3)
            #expect(offline.output == "out\n")
            #expect(try reports(in: spool) == 1)

            let server = try RunningServer(data: data)
            // What a busy machine leaves over goes with the run after it: no build waits long for us.
            repeat {
                let online = try Binaries.run(
                    Binaries.cli, ["run", "--pipeline", "spooled", "--step", "s", "--", "sleep", "1"],
                    environment: ["INFRAMIND_URL": server.endpoint.url, "INFRAMIND_SPOOL": spool.path])
                #expect(online.status == 0)
            } while try reports(in: spool) > 0
            // It says that it went on without settings, late as it comes.
            let port = UInt16(server.endpoint.url.split(separator: ":").last ?? "") ?? 0
            let page = try HTTPConnection(port: port).ask("GET", "/metrics")
            let counts = String(decoding: page.body, as: UTF8.self)
            #expect(counts.contains(#"inframind_fail_opens_total{reason="unreachable"} 1"#))
            #expect(server.stop() == 0)
        }
    }

    private func reports(in spool: URL) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: spool.path).filter { $0.hasSuffix(".json") }.count
    }
}
