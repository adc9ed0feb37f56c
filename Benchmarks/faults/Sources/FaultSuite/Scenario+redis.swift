import Faults
import Foundation
import Scaffolding

extension Scenario {
    static let redisKilled = Scenario(
        "redis-kill", "Redis is killed with -9, is away for 3 s, and comes back empty; no request may fail"
    ) { room in
        guard let program = Command.path(of: "redis-server") else { throw Skipped("redis-server is not installed") }
        let cluster = try room.cluster()
        defer { cluster.stop() }
        let port = try LoopbackSocket.freePort()
        func redis() throws -> Process {
            let process = Process()
            process.executableURL = URL(filePath: program)
            process.arguments = ["--port", "\(port)", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
            process.standardOutput = FileHandle.nullDevice
            process.currentDirectoryURL = room.folder
            try process.run()
            guard poll(upToSeconds: 10, { (try? LoopbackSocket(connectingTo: port)) != nil }) else {
                throw Command.Failed(description: "redis-server does not listen")
            }
            return process
        }
        var running = try redis()
        func killRedis() {
            kill(running.processIdentifier, SIGKILL)
            running.waitUntilExit()
        }
        defer { killRedis() }
        let server: ServerProcess
        do {
            server = try room.server(["--database-url", cluster.url, "--redis-url", "redis://127.0.0.1:\(port)"])
        } catch let error as ServerProcess.Unstarted where error.description.contains("redis") {
            throw Skipped("the server does not take Redis: \(error)")
        }
        defer { server.kill() }
        var outcome = try Trial().run(on: server, tables: .postgreSQL(url: cluster.url)) { ledger in
            killRedis()
            let harmed = ledger.figures.acknowledged
            Thread.sleep(forTimeInterval: 3)
            guard ledger.figures.acknowledged > harmed else {
                throw Command.Failed(description: "nothing was acknowledged while Redis was away")
            }
            running = try redis()
        }
        let failed = (Array(outcome.clients.broken.values) + outcome.clients.refused.values).reduce(0, +)
        if failed > 0 { outcome.troubles.append("\(failed) requests failed because Redis was away") }
        return outcome
    }
}
