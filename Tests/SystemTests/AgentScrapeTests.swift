import Foundation
import Scaffolding
import Testing

/// Debian's Prometheus, scraping the real agent.
@Suite("Prometheus", .serialized)
struct AgentScrapeTests {
    private static let prometheus = URL(filePath: "/usr/bin/prometheus")
    private static let promtool = URL(filePath: "/usr/bin/promtool")
    /// In CI it is installed, or the test fails.
    private static let isThere =
        [prometheus, promtool].allSatisfy { FileManager.default.isExecutableFile(atPath: $0.path) }
        || ProcessInfo.processInfo.environment["CI"] != nil

    /// One that is ended with the test.
    private final class Running {
        let url: String
        private let process = Process()

        init(configuration: String, in folder: URL) throws {
            let file = folder.appendingPathComponent("prometheus.yml")
            try configuration.write(to: file, atomically: true, encoding: .utf8)
            let address = "127.0.0.1:\(try LoopbackSocket.freePort())"
            url = "http://\(address)"
            process.executableURL = AgentScrapeTests.prometheus
            process.arguments = [
                "--config.file=\(file.path)", "--storage.tsdb.path=\(folder.path)/data",
                "--web.listen-address=\(address)",
                "--log.level=error",
            ]
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
        }

        deinit {
            process.terminate()
            process.waitUntilExit()
        }

        /// Values of the series of an instant query by the label `job`; none while it is not ready.
        func query(_ expression: String) -> [String: Double] {
            struct Answer: Decodable {
                struct Series: Decodable {
                    var metric: [String: String]
                    var value: [Value]
                }
                enum Value: Decodable {
                    case number(Double), text(String)
                    init(from decoder: any Decoder) throws {
                        let container = try decoder.singleValueContainer()
                        self =
                            try (try? container.decode(Double.self)).map(Value.number)
                            ?? .text(container.decode(String.self))
                    }
                }
                struct Found: Decodable { var result: [Series] }
                var data: Found
            }
            var allowed = CharacterSet.alphanumerics
            allowed.insert("_")
            guard let escaped = expression.addingPercentEncoding(withAllowedCharacters: allowed),
                let text = try? HTTPText.get("\(url)/api/v1/query?query=\(escaped)"),
                let answer = try? JSONDecoder().decode(Answer.self, from: Data(text.utf8))
            else { return [:] }
            var values: [String: Double] = [:]
            for series in answer.data.result {
                guard case .text(let value)? = series.value.last else { continue }
                values[series.metric["job"] ?? ""] = Double(value)
            }
            return values
        }
    }

    /// Answers Prometheus with the page in the older format, as one gets it that does not ask for OpenMetrics.
    private func relay(_ agent: RunningAgent) throws -> LoopbackServer {
        let url = "http://\(agent.address)/metrics"
        return try LoopbackServer { _ in
            guard let body = try? HTTPText.get(url, fields: ["Accept: text/plain;version=0.0.4"]) else {
                return .problem(500)
            }
            let head =
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nConnection: close\r\n"
            return .bytes(Array("\(head)Content-Length: \(body.utf8.count)\r\n\r\n\(body)".utf8))
        }
    }

    @Test(
        "Prometheus takes every page of the agent, in OpenMetrics and in the text format, and finds the node in it",
        .enabled(if: isThere, "needs prometheus; apt-get install prometheus"), .timeLimit(.minutes(3)))
    func scraped() async throws {
        try await withTemporaryFolder { folder in
            let agent = try RunningAgent(["--listen", "127.0.0.1:0"])
            let relay = try relay(agent)
            defer { relay.stop() }
            let prometheus = try Running(
                configuration: """
                    global:
                      scrape_interval: 1s
                      scrape_timeout: 1s
                    scrape_configs:
                      - job_name: openmetrics
                        static_configs: [{ targets: ["\(agent.address)"] }]
                      - job_name: text
                        static_configs: [{ targets: ["127.0.0.1:\(relay.port)"] }]
                    """, in: folder)
            let jobs: Set = ["openmetrics", "text"]
            #expect(try await happens { prometheus.query("up == 1").keys.count == 2 })
            // Two scrapes of each, so that counters have a rate.
            #expect(
                try await happens {
                    let rates = prometheus.query("sum by (job) (rate(inframind_node_cpu_seconds_total[30s]))")
                    return Set(rates.filter { $0.value > 0 }.keys) == jobs
                })
            let memory = prometheus.query("inframind_node_memory_total_bytes")
            #expect(Set(memory.keys) == jobs)
            #expect(memory["text"] == Double(ProcessInfo.processInfo.physicalMemory))
            for name in [
                "inframind_node_load1", "inframind_node_boot_time_seconds", "inframind_agent_build_info",
                "inframind_agent_resident_memory_bytes", "sum by (job) (inframind_agent_collector_success) > 5",
                "sum by (job) (inframind_agent_collector_duration_seconds)", "inframind_node_context_switches_total",
            ] {
                #expect(Set(prometheus.query(name).keys) == jobs, "\(name)")
            }
            // Nothing was dropped: twice the same names, stale markers, samples out of order.
            for name in [
                "prometheus_target_scrapes_sample_duplicate_timestamp_total",
                "prometheus_target_scrapes_sample_out_of_order_total",
                "prometheus_target_scrapes_exceeded_sample_limit_total",
            ] {
                #expect(try HTTPText.get("\(prometheus.url)/metrics").contains("\(name) 0\n"), "\(name)")
            }
            let series = prometheus.query("scrape_samples_scraped")
            #expect(series["openmetrics"] == series["text"])
            #expect(series["text"] ?? 0 > 60)
            #expect(agent.stop() == 0)
        }
    }

    @Test(
        "promtool has nothing to say about the page",
        .enabled(if: isThere, "needs promtool; apt-get install prometheus"))
    func checked() throws {
        let agent = try RunningAgent(["--listen", "127.0.0.1:0"])
        let process = Process()
        process.executableURL = Self.promtool
        process.arguments = ["check", "metrics"]
        let input = Pipe()
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        process.standardError = output
        let page = try agent.page()
        #expect(page.contains("\ninframind_node_load1 "))
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(page.utf8))
        try input.fileHandleForWriting.close()
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(said == "")
        #expect(process.terminationStatus == 0)
    }
}
