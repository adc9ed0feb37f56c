import Faults
import Foundation
import Scaffolding

extension Scenario {
    /// As the requirement says. Longer than every limit of the server: statement, request, patience.
    private static let cutSeconds = 30.0

    static let networkCut = Scenario(
        "network-cut", "nothing passes between the server and PostgreSQL for 30 s, while connections stay open"
    ) { room in
        let cluster = try room.cluster()
        defer { cluster.stop() }
        let proxy = try StallingProxy(to: cluster.port)
        defer { proxy.stop() }
        let url = cluster.url.replacing(":\(cluster.port)/", with: ":\(proxy.port)/")
        let server = try room.server(["--database-url", url])
        defer { server.kill() }
        var slowest = 0.0
        var outcome = try Trial().run(on: server, tables: .postgreSQL(url: cluster.url)) { _ in
            proxy.cut()
            defer { proxy.mend() }
            slowest = server.slowestAnswer(forSeconds: cutSeconds)
        }
        outcome.remarks.append("/healthz took at most \(String(format: "%.2f", slowest)) s while the network was cut")
        return outcome
    }

    static let rollingRestart = Scenario(
        "rolling-restart", "of two servers behind a balancer, each is restarted twice in turn; no request may fail"
    ) { room in
        let cluster = try room.cluster()
        defer { cluster.stop() }
        let servers = try ["one", "two"].map {
            try room.server(["--database-url", cluster.url, "--drain-seconds", "1"], name: $0)
        }
        defer { servers.forEach { $0.kill() } }
        let balancer = try RoundRobinBalancer(to: servers.map(\.port))
        defer { balancer.stop() }
        var troubles: [String] = []
        var outcome = try Trial().run(
            on: servers[0], tables: .postgreSQL(url: cluster.url), port: balancer.port
        ) { ledger in
            for server in servers + servers {
                let status = server.stop()
                if status != 0 { troubles.append("a server told to stop ended with \(status)") }
                try server.start()
                if !server.isReady(withinSeconds: 30) { troubles.append("a server was not ready within 30 s") }
                let mended = ledger.figures.acknowledged
                _ = ledger.wait(upToSeconds: 30) { $0.acknowledged >= mended + 500 }
            }
        }
        let failed = outcome.clients.broken.values.reduce(0, +)
        if failed > 0 { troubles.append("\(failed) requests failed, which a rolling restart must not cause") }
        outcome.troubles += troubles
        outcome.peakResidentBytes = servers.map(\.peakResidentBytes).max() ?? 0
        return outcome
    }
}

extension ServerProcess {
    /// - Returns: seconds that `/healthz`, which needs no database, took at most.
    fileprivate func slowestAnswer(forSeconds seconds: Double) -> Double {
        let clock = ContinuousClock()
        let end = clock.now + .seconds(seconds)
        var slowest = 0.0
        while clock.now < end {
            let began = clock.now
            _ = try? HTTPConnection(port: port).ask("GET", "/healthz")
            slowest = max(slowest, began.duration(to: clock.now) / .seconds(1))
            Thread.sleep(forTimeInterval: 0.25)
        }
        return slowest
    }
}
