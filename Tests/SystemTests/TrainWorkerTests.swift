import Builds
import Foundation
import Storage
import Testing

/// A model trained by several real processes of the server, from the database and back into it.
@Suite("Distributed training")
struct TrainWorkerTests {
    /// Runs of one step whose memory follows from the size of the change, as a server has learned them.
    private func report(_ count: Int, to server: RunningServer) throws {
        for number in 1...count {
            let files = (number * 37) % 400
            let body = """
                {"pipeline":"shop/cart","build_number":\(number),"git_branch":"main","start_time":"2026-03-01T12:00:00Z",
                "duration_s":300,"status":"success","tool":"cmake","concurrency":4,"cpu_req":4,"mem_req_gb":8,
                "context":{"changed_files":\(files)},
                "steps":[{"name":"compile","duration_s":300,"cpu_usage_pct":360,"rss_max_bytes":\(1_500_000_000 + files * 4_000_000),"exit_code":0}]}
                """
            let answer = try Binaries.run(
                URL(filePath: "/usr/bin/curl"),
                [
                    "--silent", "--fail", "--output", "/dev/null", server.endpoint.url + "/runs", "--header",
                    "X-IM-Token: dev-key-change-in-production", "--data", body,
                ])
            try #require(answer.status == 0)
        }
    }

    private func start(_ arguments: [String]) throws -> Process {
        let process = Process()
        process.executableURL = Binaries.server
        process.arguments = arguments
        process.environment = Binaries.environment
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    @Test("Three workers train from the shards of a database, and the server takes their model")
    func splitTrainAdopt() async throws {
        try await withTemporaryFolder { folder in
            let data = folder.appending(path: "data")
            let server = try RunningServer(data: data)
            try report(150, to: server)
            #expect(server.stop() == 0)

            let shards = folder.appending(path: "shards").path
            let split = try Binaries.run(
                Binaries.server, ["train-split", "--data", data.path, "--workers", "3", "--to", shards])
            try #require(split.status == 0, "\(split.output)")
            #expect(split.output.contains("shard-2: "))

            let first = Int.random(in: 20_000..<30_000)
            let machines = (0..<3).map { "127.0.0.1:\(first + $0 * 7)" }.joined(separator: ",")
            let workers = try (0..<3).map { rank in
                try start([
                    "train-worker", "--rank", "\(rank)", "--machines", machines, "--shard", "\(shards)/shard-\(rank)",
                    "--model", "\(shards)/model-\(rank)",
                ])
            }
            for worker in workers { worker.waitUntilExit() }
            #expect(workers.map(\.terminationStatus) == [0, 0, 0])
            let models = try (0..<3).map { try Data(contentsOf: URL(filePath: "\(shards)/model-\($0)")) }
            #expect(Set(models).count == 1)

            let adopted = try Binaries.run(
                Binaries.server, ["train-adopt", "--data", data.path, "--from", "\(shards)/model-1"])
            try #require(adopted.status == 0, "\(adopted.output)")
            let again = try RunningServer(data: data)
            let listed = try Binaries.run(
                Binaries.cli, ["models", "list"], environment: ["INFRAMIND_URL": again.endpoint.url])
            let version = try #require(adopted.output.split(separator: ":").first)
            #expect(listed.output.contains(version), "\(listed.output)")
            #expect(again.stop() == 0)
        }
    }

    @Test("What cannot be trained is said in a line, with an exit status")
    func refusals() async throws {
        try await withTemporaryFolder { folder in
            let data = folder.appending(path: "data").path
            let rows: [(arguments: [String], status: Int32, says: String)] = [
                (["train-worker", "--rank", "0"], 2, "--machines"),
                (
                    ["train-worker", "--rank", "x", "--machines", "a:1", "--shard", "s", "--model", "m"], 2,
                    "whole number"
                ),
                (
                    [
                        "train-worker", "--rank", "0", "--machines", "127.0.0.1:7600", "--shard", "/none", "--model",
                        "m",
                    ],
                    1, "/none"
                ),
                (["train-split", "--data", data, "--workers", "2", "--to", data], 1, "no database"),
                (["train-adopt", "--data", data], 2, "--from"),
            ]
            for row in rows {
                let answer = try Binaries.run(Binaries.server, row.arguments)
                #expect(answer.status == row.status && answer.output.contains(row.says), "\(answer)")
                #expect(answer.output.count { $0 == "\n" } == 1)
            }
        }
    }
}
