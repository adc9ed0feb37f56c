import Faults
import Foundation
import Scaffolding
import Synchronization

/// Stands between a server and its database, and can stop passing on what they say without ending any connection: a
/// network that is cut, or a firewall that swallows.
final class StallingProxy: Sendable {
    private let listener: LoopbackSocket
    private let target: UInt16
    private let isCut = Atomic<Bool>(false)

    var port: UInt16 { listener.port }

    init(to target: UInt16) throws {
        self.target = target
        listener = try LoopbackSocket(listeningOn: 0)
        Thread.detachNewThread { [self] in
            // A short limit for waiting: a cut must take hold also of those who wait.
            while let client = try? listener.accepted(timeoutSeconds: 1) {
                Thread.detachNewThread { [self] in connect(client) }
            }
        }
    }

    func cut() { isCut.store(true, ordering: .sequentiallyConsistent) }

    func mend() { isCut.store(false, ordering: .sequentiallyConsistent) }

    func stop() { listener.shutDown() }

    private func connect(_ client: LoopbackSocket) {
        waitWhileCut()
        guard let server = try? LoopbackSocket(connectingTo: target, timeoutSeconds: 1) else {
            return client.shutDown()
        }
        Thread.detachNewThread { [self] in pass(from: server, to: client) }
        pass(from: client, to: server)
    }

    private func pass(from source: LoopbackSocket, to destination: LoopbackSocket) {
        while true {
            waitWhileCut()
            do {
                let bytes = try source.receive()
                waitWhileCut()
                try destination.send(bytes)
            } catch LoopbackSocket.Failure.timeout {
                continue
            } catch {
                // Also the end of a connection is news that a cut network does not bring.
                waitWhileCut()
                source.shutDown()
                destination.shutDown()
                return
            }
        }
    }

    private func waitWhileCut() {
        // Longer than any cut of ours.
        _ = poll(upToSeconds: 600) { !isCut.load(ordering: .sequentiallyConsistent) }
    }
}
