import Foundation
import Scaffolding
import Synchronization

/// Clients that report builds, each over a connection of its own, and repeat what was not acknowledged as our own do:
/// until it is, no sooner than a refusal asks for.
public final class BuildLoad: Sendable {
    public let ledger: Ledger
    private let port: UInt16
    private let isEnding = Atomic<Bool>(false)
    private let clients = DispatchGroup()
    /// Seconds between two writes of one client; 0 is as fast as it goes.
    private let pause: Double

    /// - Parameters:
    ///   - writesPerSecond: of all clients together; `nil` is as many as are answered.
    ///   - ledger: may hold the builds of a load before this one.
    public init(port: UInt16, connections: Int = 16, writesPerSecond: Double? = nil, ledger: Ledger = Ledger()) {
        self.ledger = ledger
        self.port = port
        pause = writesPerSecond.map { Double(connections) / $0 } ?? 0
        for _ in 0..<connections {
            clients.enter()
            Thread.detachNewThread { [self] in
                run()
                clients.leave()
            }
        }
    }

    /// Ends the load: answers that are on their way are taken, nothing is repeated any more.
    public func end() {
        isEnding.store(true, ordering: .relaxed)
        clients.wait()
    }

    private var mustEnd: Bool { isEnding.load(ordering: .relaxed) }

    private func run() {
        let connection = HTTPConnection(port: port)
        var generator = SystemRandomNumberGenerator()
        var reported: [ReportedBuild] = []
        var due = ContinuousClock.now
        while !mustEnd {
            let build = ledger.beginBuild()
            var isAcknowledged = true
            for (index, write) in build.writes.enumerated() where isAcknowledged {
                if pause > 0 {
                    due = max(due + .seconds(pause), ContinuousClock.now - .seconds(1))
                    idle(ContinuousClock.now.duration(to: due) / .seconds(1))
                }
                isAcknowledged = deliver(write, index, of: build, over: connection)
            }
            if isAcknowledged { reported.append(build) }
            // A report that comes twice, long after the first, must change nothing.
            if let earlier = reported.randomElement(using: &generator), reported.count % 16 == 0 {
                for (index, write) in earlier.writes.enumerated() where !mustEnd {
                    _ = deliver(write, index, of: earlier, over: connection)
                }
            }
        }
    }

    /// - Returns: whether it was acknowledged.
    private func deliver(
        _ write: ReportedBuild.Write, _ index: Int, of build: ReportedBuild, over connection: HTTPConnection
    ) -> Bool {
        var pause = Self.firstPause
        while !mustEnd {
            ledger.sending(build, write: index)
            do {
                let answer = try connection.ask("POST", write.path, body: write.body)
                switch answer.status {
                case 200, 201:
                    ledger.acknowledge(build, write: index, number: build.isWhole ? Self.number(in: answer) : nil)
                    return true
                case 503, 429:
                    ledger.refuse(answer.status)
                    guard let seconds = answer.fields["retry-after"].flatMap(Double.init) else {
                        ledger.answeredWrongly(answer.status, "\(answer.status) without Retry-After")
                        continue
                    }
                    idle(seconds)
                    continue
                case 502: ledger.breakOff("502")
                default:
                    let text = String(decoding: answer.body, as: UTF8.self)
                    ledger.answeredWrongly(answer.status, "\(answer.status) to \(write.path) \(write.body): \(text)")
                    // What a client gives up: it was understood, and will not be had.
                    if (400..<500).contains(answer.status) { return false }
                }
            } catch let failure as LoopbackSocket.Failure {
                ledger.breakOff("\(failure)")
            } catch {
                ledger.breakOff("unreadable")
            }
            idle(pause)
            pause = min(pause * 2, Self.longestPause)
        }
        return false
    }

    /// Seconds. A restart takes about one, and is to be noticed soon after it.
    private static let (firstPause, longestPause) = (0.05, 0.5)

    private static func number(in answer: HTTPMessage) -> Int? {
        JSONFields(answer.body)?.number("run_id").map { Int($0) }
    }

    /// Waits, but not beyond the end of the load.
    private func idle(_ seconds: Double) {
        let end = ContinuousClock.now + .seconds(seconds)
        while !mustEnd {
            let left = ContinuousClock.now.duration(to: end) / .seconds(1)
            if left <= 0 { return }
            Thread.sleep(forTimeInterval: min(left, 0.1))
        }
    }
}
