import Foundation
import Scaffolding

/// A real Prometheus with the repository's configuration, hurried: it scrapes and evaluates every second.
final class PrometheusServer {
    /// Why tests that need it do not run here; `nil` when they do. On a build server they always run.
    static let reasonToSkip: String? = {
        let isInstalled = FileManager.default.isExecutableFile(atPath: "/usr/bin/prometheus")
        let isBuildServer = ProcessInfo.processInfo.environment["CI"] != nil
        return isInstalled || isBuildServer ? nil : "Prometheus is not installed; run scripts/setup."
    }()

    static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private let port: UInt16
    private let process = Process()

    /// - Parameters:
    ///   - folder: for the changed configuration and the data.
    ///   - targets: address to scrape by job, as in the files below `targets/`.
    init(in folder: URL, targets: [String: String]) throws {
        port = try LoopbackSocket.freePort()
        let configuration = folder.appending(path: "prometheus")
        try FileManager.default.copyItem(
            at: Self.repository.appending(path: "observability/prometheus"), to: configuration)
        try Self.edit(configuration.appending(path: "prometheus.yml")) {
            $0.replacing(/scrape_interval: \w+/, with: "scrape_interval: 1s")
                .replacing(/scrape_timeout: \w+/, with: "scrape_timeout: 1s")
                .replacing(/evaluation_interval: \w+/, with: "evaluation_interval: 1s")
        }
        // Groups that are looked at every ten minutes would keep the test waiting as long.
        try Self.edit(configuration.appending(path: "rules/recording.yml")) {
            $0.replacing(/\n    interval: \w+/, with: "")
        }
        for (job, target) in targets {
            try #"- targets: ["\#(target)"]"#.write(
                to: configuration.appending(path: "targets/\(job).yml"), atomically: true, encoding: .utf8)
        }
        process.executableURL = URL(fileURLWithPath: "/usr/bin/prometheus")
        process.arguments = [
            "--config.file=\(configuration.path)/prometheus.yml", "--storage.tsdb.path=\(folder.path)/tsdb",
            "--web.listen-address=127.0.0.1:\(port)", "--log.level=warn",
        ]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    deinit {
        if process.isRunning {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
    }

    private static func edit(_ file: URL, _ change: (String) -> String) throws {
        try change(String(contentsOf: file, encoding: .utf8)).write(to: file, atomically: true, encoding: .utf8)
    }

    // MARK: Asking

    struct Refused: Error, CustomStringConvertible {
        var description: String
    }

    /// The `data` of an answer of the API.
    ///
    /// - Throws: ``Refused`` with what Prometheus has against it; `LoopbackSocket.Failure` while it is not up.
    func ask(_ path: String, _ parameters: [(name: String, value: String)] = []) throws -> Any {
        // Nothing but letters and digits: a '+' in a query means a space.
        func escaped(_ text: String) -> String {
            text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        }
        let query = parameters.map { "\(escaped($0.name))=\(escaped($0.value))" }.joined(separator: "&")
        let socket = try LoopbackSocket(connectingTo: port, timeoutSeconds: 30)
        // The older protocol, whose answers end with the connection.
        try socket.send("GET /api/v1/\(path)?\(query) HTTP/1.0\r\n\r\n".utf8)
        var answer: [UInt8] = []
        do {
            while true { answer += try socket.receive() }
        } catch LoopbackSocket.Failure.closed {}
        let text = String(decoding: answer, as: UTF8.self)
        guard let body = text.range(of: "\r\n\r\n").map({ text[$0.upperBound...] }),
            let object = try? JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]
        else { throw Refused(description: "no answer: \(text.prefix(200))") }
        guard let data = object["data"], object["status"] as? String == "success" else {
            throw Refused(description: object["error"] as? String ?? "\(text.prefix(200))")
        }
        return data
    }

    /// Finite samples that the last minutes of a query have.
    func samples(of query: String) throws -> Int {
        let now = Date().timeIntervalSince1970
        let data = try ask(
            "query_range",
            [("query", query), ("start", "\(now - 300)"), ("end", "\(now)"), ("step", "1")])
        let series = (data as? [String: Any])?["result"] as? [[String: Any]] ?? []
        return series.reduce(0) { sum, series in
            let values = (series["values"] as? [[Any]] ?? []).compactMap { ($0.last as? String).flatMap(Double.init) }
            return sum + values.count(where: \.isFinite)
        }
    }

    /// Values that a label of a series has.
    func values(of label: String, in series: String) throws -> [String] {
        try ask("label/\(label)/values", [("match[]", series)]) as? [String] ?? []
    }

    /// What rules could not be evaluated, with the reason.
    func faultyRules() throws -> [String] {
        let groups = (try ask("rules") as? [String: Any])?["groups"] as? [[String: Any]] ?? []
        let rules = groups.flatMap { $0["rules"] as? [[String: Any]] ?? [] }
        guard !rules.isEmpty else { throw Refused(description: "there are no rules") }
        return rules.filter { $0["health"] as? String == "err" }.map { "\($0["name"] ?? ""): \($0["lastError"] ?? "")" }
    }
}
