import Faults
import Foundation
import Scaffolding
import Synchronization

/// A plain load balancer: each request goes to the next server that is ready, and is never sent twice.
///
/// What any balancer does, it does, too: it asks `/readyz` now and then, passes over a server that takes no connection,
/// and does not use a connection that has ended.
final class RoundRobinBalancer: Sendable {
    private let listener: LoopbackSocket
    private let targets: [UInt16]
    private let ready: Mutex<Set<UInt16>>
    private let turn = Atomic<Int>(0)
    private let isStopped = Atomic<Bool>(false)

    var port: UInt16 { listener.port }

    init(to targets: [UInt16]) throws {
        self.targets = targets
        ready = Mutex(Set(targets))
        listener = try LoopbackSocket(listeningOn: 0)
        Thread.detachNewThread { [self] in
            while let client = try? listener.accepted(timeoutSeconds: 60) {
                Thread.detachNewThread { [self] in serve(client) }
            }
        }
        Thread.detachNewThread { [self] in watch() }
    }

    func stop() {
        isStopped.store(true, ordering: .relaxed)
        listener.shutDown()
    }

    /// Seconds between two looks at a server: short for a balancer, so that a test need not be long.
    private static let watchInterval = 0.2

    private func watch() {
        while !isStopped.load(ordering: .relaxed) {
            for target in targets {
                let answer = try? HTTPConnection(port: target, timeoutSeconds: 1).ask("GET", "/readyz")
                ready.withLock { ready in
                    if answer?.status == 200 { ready.insert(target) } else { ready.remove(target) }
                }
            }
            Thread.sleep(forTimeInterval: Self.watchInterval)
        }
    }

    /// A connection to a server, kept for one client.
    private struct Line {
        var socket: LoopbackSocket
        var buffer: [UInt8] = []
    }

    private func serve(_ client: LoopbackSocket) {
        var lines: [UInt16: Line] = [:]
        var buffer: [UInt8] = []
        while let request = try? HTTPMessage(from: client, buffer: &buffer) {
            let answer = forward(request, &lines)
            guard (try? client.send(answer)) != nil else { return }
        }
    }

    private func forward(_ request: HTTPMessage, _ lines: inout [UInt16: Line]) -> [UInt8] {
        guard let (target, found) = line(&lines) else { return Self.problem("503 Service Unavailable") }
        var line = found
        lines[target] = nil
        do {
            try line.socket.send(request.bytes)
            let answer = try HTTPMessage(from: line.socket, buffer: &line.buffer)
            if !answer.closesConnection { lines[target] = line }
            return answer.bytes
        } catch {
            return Self.problem("502 Bad Gateway")
        }
    }

    /// The next server's line: one that is open, or a new one.
    private func line(_ lines: inout [UInt16: Line]) -> (UInt16, Line)? {
        let first = turn.wrappingAdd(1, ordering: .relaxed).newValue
        let order = targets.indices.map { targets[(first + $0) % targets.count] }
        let isReady = ready.withLock { $0 }
        // Where none is ready, any that takes the connection may know better.
        for target in order.filter(isReady.contains) + order.filter({ !isReady.contains($0) }) {
            if let line = lines[target], !line.socket.isEnded { return (target, line) }
            lines[target] = nil
            if let socket = try? LoopbackSocket(connectingTo: target) { return (target, Line(socket: socket)) }
        }
        return nil
    }

    private static func problem(_ status: String) -> [UInt8] {
        Array("HTTP/1.1 \(status)\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n".utf8)
    }
}
