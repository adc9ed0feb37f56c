import Builds
import Client
import Contract
import Foundation
import Scaffolding
import Testing

/// A real server, a real agent beside it, and builds that know of neither.
@Suite("Attribution", .serialized)
struct AgentAttributionTests {
    /// What is running: a build that carries nothing but two variables, and the run it is a step of.
    private struct Build {
        var run: String
        var command: ReapedCommand
        var project: BuildProject
    }

    /// One that is shut down whether the body passes or throws: it must not go away before.
    private func withClient<Result>(_ server: RunningServer, _ body: (InframindClient) async throws -> Result)
        async throws -> Result
    {
        let client = InframindClient(endpoint: server.endpoint)
        do {
            let result = try await body(client)
            await client.shutdown()
            return result
        } catch {
            await client.shutdown()
            throw error
        }
    }

    /// Waits for a build that competes with whatever else the machine does.
    private func end(of build: Build) async throws -> ReapedCommand.End {
        for _ in 0..<4 where try await happens({ build.command.end != nil }) { break }
        let end = try #require(build.command.end, "the build takes minutes")
        try #require(end.status == 0)
        return end
    }

    /// Steps that have ended and were reported, whatever told their CPU time.
    private static func finished(_ agent: RunningAgent) throws -> Double {
        try agent.sum("inframind_agent_attribution_steps_total{outcome=\"reported\"")
    }

    /// Reports the server has not taken.
    private static func waiting(_ agent: RunningAgent) throws -> Double {
        try agent.sum("inframind_agent_spool_reports ")
    }

    private func configuration(_ server: String, in folder: URL) throws -> String {
        let token = folder.appendingPathComponent("token")
        try ServerEndpoint.developmentToken.write(to: token, atomically: true, encoding: .utf8)
        let file = folder.appendingPathComponent("agent.yaml")
        try """
        exporters:
          prometheus:
            listen: 127.0.0.1:0
        server:
          url: \(server)
          token-file: \(token.path)
          spool: \(folder.path)/waiting
        attribution:
          interval: 200ms
          settle: 500ms
          pod-labels:
        """.write(to: file, atomically: true, encoding: .utf8)
        return file.path
    }

    private func begin(_ client: InframindClient, _ run: String, sources: Int) async throws -> Build {
        try await client.start(
            Run(
                id: RunID(run), pipeline: "untouched", branch: "main", commit: "0123abcd", image: "debian:12",
                startedAt: Timestamp(seconds: Date().timeIntervalSince1970)))
        let project = try BuildProject(sources: sources)
        let command = try ReapedCommand(
            ["make", "-s", "-j2", "-C", project.path],
            environment: [
                "PATH": "/usr/local/bin:/usr/bin:/bin", "INFRAMIND_RUN_ID": run, "INFRAMIND_STEP_ID": "compile",
            ])
        return Build(run: run, command: command, project: project)
    }

    @Test(
        "Two builds at once are measured through their environment alone, and the server says what each used",
        .timeLimit(.minutes(5)))
    func twoBuilds() async throws {
        try await withTemporaryFolder { folder in
            let server = try RunningServer(data: folder.appendingPathComponent("data"))
            let agent = try RunningAgent(["--config", configuration(server.endpoint.url, in: folder)])
            try await withClient(server) { client in
                let builds = [
                    try await begin(client, "untouched-\(UUID())", sources: 3),
                    try await begin(client, "untouched-\(UUID())", sources: 5),
                ]
                for build in builds { _ = try await end(of: build) }
                let areReported = try await happens { try Self.finished(agent) == 2 && Self.waiting(agent) == 0 }
                #expect(areReported)
                for build in builds {
                    let end = try #require(build.command.end)
                    let answer = try await client.run(id: build.run)
                    let step = try #require(answer.steps.first { $0.span_id == "compile" })
                    #expect(answer.steps.count == 1)
                    #expect(step.stopped_at != nil)
                    try judge(step, by: end)
                }
            }
            #expect(agent.stop() == 0)
            #expect(server.stop() == 0)
        }
    }

    private func judge(_ step: RunAnswer.Step, by end: ReapedCommand.End) throws {
        let counters = try #require(step.counters)
        let cpu = try #require(counters.cpuSeconds)
        // How exactly is held by the agent's own tests; these builds are short, and the machine may be busy.
        #expect(abs(cpu - end.cpuSeconds) <= 0.1 * end.cpuSeconds + 0.1, "\(cpu) s, \(end.cpuSeconds) s by wait4")
        #expect(counters.peakMemoryBytes ?? 0 > 4e6, "a compiler was running")
        #expect(counters.peakRSSBytes ?? 0 <= Double(end.maxRSSBytes) + 4e6)
        #expect(counters.wallSeconds ?? 0 > 0.2)
    }

    @Test(
        "What a build used while the server was away waits on disk, outlives the agent, and arrives",
        .timeLimit(.minutes(5)))
    func serverAway() async throws {
        try await withTemporaryFolder { folder in
            let data = folder.appendingPathComponent("data")
            let port = try LoopbackSocket.freePort()
            let before = try RunningServer(data: data, port: port)
            let url = before.endpoint.url
            let file = try configuration(url, in: folder)
            let first = try RunningAgent(["--config", file])
            let build = try await withClient(before) { try await begin($0, "away-\(UUID())", sources: 4) }
            // Killed at once, while the build still runs: nothing of its end can have been told.
            before.kill()
            let end = try await end(of: build)
            let isFinished = try await happens { try Self.finished(first) == 1 }
            #expect(isFinished)
            #expect(try Self.waiting(first) >= 1)
            first.kill()
            let waiting = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/waiting")
            #expect(!waiting.isEmpty)

            let server = try RunningServer(data: data, port: port)
            let second = try RunningAgent(["--config", file])
            let isAllSent = try await happens { try Self.waiting(second) == 0 }
            #expect(isAllSent)
            try await withClient(server) { client in
                let step = try #require(try await client.run(id: build.run).steps.first)
                try judge(step, by: end)
            }
            #expect(second.stop() == 0)
            #expect(server.stop() == 0)
        }
    }
}
