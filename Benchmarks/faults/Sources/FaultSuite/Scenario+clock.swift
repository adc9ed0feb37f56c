import Faults
import Foundation
import Scaffolding

extension Scenario {
    static let clockJump = Scenario(
        "clock-jump", "the server's clock jumps an hour forward, two back, and one forward"
    ) { room in
        guard let library = libfaketime else { throw Skipped("Debian's faketime is not installed") }
        let cluster = try room.cluster()
        defer { cluster.stop() }
        let clock = room.folder.appending(path: "clock")
        try "+0".write(to: clock, atomically: true, encoding: .utf8)
        // A jump of the real clock leaves the monotonic one alone.
        let environment = [
            "LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": clock.path, "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1",
            // Under libfaketime a Swift program does not see its arguments.
            "INFRAMIND_DATABASE_URL": cluster.url,
        ]
        let server = try room.server([], environment: environment)
        defer { server.kill() }
        return try Trial().run(on: server, tables: .postgreSQL(url: cluster.url)) { ledger in
            for offset in [3600, -3600, 0] {
                try "\(offset < 0 ? "" : "+")\(offset)".write(to: clock, atomically: true, encoding: .utf8)
                guard poll(upToSeconds: 5, { abs(server.clockOffset - Double(offset)) < 60 }) else {
                    throw Skipped("libfaketime does not move this server's clock")
                }
                let jumped = ledger.figures.acknowledged
                guard ledger.wait(upToSeconds: 30, for: { $0.acknowledged >= jumped + 500 }) else {
                    throw Command.Failed(description: "nothing was served for 30 s after a jump to \(offset) s")
                }
            }
        }
    }

    private static let libfaketime: String? = {
        let libraries = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib")) ?? []
        return libraries.map { "/usr/lib/\($0)/faketime/libfaketimeMT.so.1" }
            .first { FileManager.default.fileExists(atPath: $0) }
    }()
}

extension ServerProcess {
    /// Seconds by which the server's time of day differs from ours.
    fileprivate var clockOffset: Double {
        guard let answer = try? HTTPConnection(port: port).ask("GET", "/healthz"),
            let fields = try? JSONDecoder().decode([String: String].self, from: Data(answer.body)),
            let told = fields["timestamp"]?.prefix(19),
            let time = ISO8601DateFormatter().date(from: told + "Z")
        else { return .infinity }
        return time.timeIntervalSinceNow
    }
}
