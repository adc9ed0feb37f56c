import Faults
import Foundation
import Glibc
import Scaffolding

/// A server and an agent that are scraped, and builds for them to see.
final class ObservedFleet {
    let server: RunningServer
    let serverAddress: String
    let agent: RunningAgent
    private let connection: HTTPConnection
    private let folder: URL
    private var round = 0

    init(in folder: URL, redis: String) throws {
        self.folder = folder
        server = try RunningServer(
            data: folder.appending(path: "data"), arguments: ["--redis-url", redis, "--control-rate", "0"])
        let url = server.endpoint.url
        serverAddress = String(url.drop { $0 != "/" }.drop { $0 == "/" })
        connection = HTTPConnection(port: UInt16(serverAddress.split(separator: ":").last ?? "") ?? 0)

        let cache = folder.appending(path: "ccache")
        try FileManager.default.createDirectory(at: cache, withIntermediateDirectories: true)
        let configuration = folder.appending(path: "agent.yaml")
        let token = folder.appending(path: "token")
        try "dev-key-change-in-production".write(to: token, atomically: true, encoding: .utf8)
        guard chmod(token.path, 0o600) == 0 else { throw CocoaError(.fileWriteNoPermission) }
        try """
        caches:
          ccache:
            - \(cache.path)
        exporters:
          prometheus:
            enabled: true
            listen: 127.0.0.1:0
        server:
          url: \(url)
          token-file: \(token.path)
          spool: \(folder.path)/spool
        """.write(to: configuration, atomically: true, encoding: .utf8)
        agent = try RunningAgent(["--config", configuration.path])
    }

    /// Past builds, and a model trained on them.
    func seed() throws -> (status: Int32, output: String) {
        try Binaries.run(
            Binaries.cli, ["seed-demo", "--runs", "120", "--server", server.endpoint.url],
            environment: ["INFRAMIND_SPOOL": folder.appending(path: "seed-spool").path])
    }

    /// Some builds that end now: one that follows its recommendation, one that was killed, one without an answer; a batch;
    /// and what is refused.
    func build() throws {
        round += 1
        let answer = try post(
            "/optimize",
            #"{"pipeline":"fleet/app","stage":"build","step":"compile","context":{"tool":"make"},"constraints":{"max_concurrency":\#(round % 2 + 1),"max_mem_gb":2}}"#
        )
        let object = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any]
        let id = object?["recommendation_id"] as? String ?? ""
        let limits = object?["limits"] as? [String: Any]
        let suggestions = object?["suggestions"] as? [String: Any]
        let settings =
            #"{"concurrency":\#(suggestions?["concurrency"] ?? 1),"cpu":2,"mem_gb":\#(limits?["mem_gb"] ?? 1)}"#
        try report("followed", following: id, settings: settings, kills: 0, status: "success")
        try report(
            "killed", following: nil, settings: #"{"concurrency":2,"cpu":2,"mem_gb":1}"#, kills: 1, status: "oom_killed"
        )
        try report(
            "alone", following: nil, settings: #"{"concurrency":2,"cpu":2,"mem_gb":4}"#, kills: 0, status: "success")
        _ = try post(
            "/batch",
            "{\"start\":{\"pipeline\":\"fleet/app\",\"run_id\":\"batch-\(round)\",\"branch\":\"\",\"commit\":\"\",\"image\":\"\"}}\n{}"
        )
        // Answered with 404: a panel shows the share of errors.
        _ = try post("/builds/complete", #"{"run_id":"nobody","status":"success","duration_s":1}"#)
        try compile()
    }

    private func report(_ name: String, following id: String?, settings: String, kills: Int, status: String) throws {
        let now = Date()
        let times = ISO8601DateFormatter()
        let (began, ended) = (times.string(from: now.addingTimeInterval(-90)), times.string(from: now))
        let run = "\(name)-\(round)"
        let more = id.map { #","recommendation_id":"\#($0)""# } ?? #","fail_open":"timeout""#
        _ = try post(
            "/builds/start",
            #"{"pipeline":"fleet/app","run_id":"\#(run)","branch":"main","commit":"c","image":"","tools":["make"],"requested_resources":\#(settings),"started_at":"\#(began)"\#(more)}"#
        )
        let step = #""run_id":"\#(run)","stage":"build","step":"compile","span_id":"1""#
        _ = try post("/builds/step", #"{\#(step),"event":"start","timestamp":"\#(began)"}"#)
        _ = try post(
            "/builds/step",
            #"{\#(step),"event":"stop","timestamp":"\#(ended)","counters":{"cpu_time_s":120,"peak_memory_bytes":\#(700_000_000 + round * 1_000_000),"cache_hits":9,"cache_misses":3,"throttled_s":2,"oom_kills":\#(kills),"exit_code":\#(kills == 0 ? 0 : 137),"settings":\#(settings)}}"#
        )
        _ = try post("/builds/complete", #"{"run_id":"\#(run)","status":"\#(status)","duration_s":90}"#)
    }

    private func post(_ path: String, _ body: String) throws -> HTTPMessage {
        try connection.ask("POST", path, body: body)
    }

    /// One compilation that ccache does not know, and the same again.
    private func compile() throws {
        let source = folder.appending(path: "round.c")
        try "int round_\(round)(void) { return \(round); }\n".write(to: source, atomically: true, encoding: .utf8)
        for _ in 1...2 {
            _ = try Binaries.run(
                URL(fileURLWithPath: "/usr/bin/ccache"),
                ["gcc", "-c", source.path, "-o", folder.appending(path: "round.o").path],
                environment: ["CCACHE_DIR": folder.appending(path: "ccache").path])
        }
    }
}
