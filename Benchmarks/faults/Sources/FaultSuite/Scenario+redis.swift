import Faults
import Foundation
import Scaffolding

extension Scenario {
    static let redisKilled = Scenario(
        "redis-kill", "Redis is killed with -9, is away for 3 s, and comes back empty; no request may fail"
    ) { room in
        if let reason = RedisServer.reasonToSkip { throw Skipped(reason) }
        let cluster = try room.cluster()
        defer { cluster.stop() }
        let redis = try RedisServer()
        defer { redis.kill() }
        let server = try room.server(["--database-url", cluster.url, "--redis-url", redis.url])
        defer { server.kill() }
        var outcome = try Trial().run(on: server, tables: .postgreSQL(url: cluster.url)) { ledger in
            redis.kill()
            let harmed = ledger.figures.acknowledged
            Thread.sleep(forTimeInterval: 3)
            guard ledger.figures.acknowledged > harmed else {
                throw Command.Failed(description: "nothing was acknowledged while Redis was away")
            }
            try redis.restart()
        }
        let failed = (Array(outcome.clients.broken.values) + outcome.clients.refused.values).reduce(0, +)
        if failed > 0 { outcome.troubles.append("\(failed) requests failed because Redis was away") }
        return outcome
    }
}
