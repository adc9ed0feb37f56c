import Synchronization

@testable import Optimizer

/// Free ports on loopback, each given once. Below those that connections come from, which would take them again.
enum FreePorts {
    private static let last = Mutex<UInt16>(UInt16.random(in: 20_000..<28_000))

    static func next() throws -> UInt16 {
        try last.withLock { last in
            for _ in 0..<4000 {
                last = last >= 31_999 ? 20_000 : last + 1
                // No time to wait: ports that earlier tests left behind are passed over.
                if (try? TrainWorkerSocket.reserving(last, until: .now)) != nil { return last }
            }
            throw TrainWorkerError.portTaken(last)
        }
    }

    /// A list of machines for `--machines`.
    static func machines(_ count: Int) throws -> String {
        try (0..<count).map { _ in "127.0.0.1:\(try next())" }.joined(separator: ",")
    }
}
