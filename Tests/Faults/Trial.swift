import Foundation

/// A load on a server, a fault in the middle of it, and the comparison afterwards.
public struct Trial {
    /// Writes that must be acknowledged in all, so that a fault meets some in every state.
    public var writes: Int
    public var connections = 16
    /// Seconds after the fault within which clients must be served again. A refusal asks them to wait for 5 s.
    public var recoverySeconds = 60.0

    public init(writes: Int = 6000) { self.writes = writes }

    /// What came of it.
    public struct Outcome: Sendable {
        public var clients: Ledger.Figures
        public var verdict: Verdict
        public var peakResidentBytes: Int
        /// What else went wrong, in sentences: a server that ended, clients that were not served again.
        public var troubles: [String] = []
        /// What is worth knowing besides, in sentences.
        public var remarks: [String] = []

        public init(
            clients: Ledger.Figures, verdict: Verdict, peakResidentBytes: Int, troubles: [String] = [],
            remarks: [String] = []
        ) {
            self.clients = clients
            self.verdict = verdict
            self.peakResidentBytes = peakResidentBytes
            self.troubles = troubles
            self.remarks = remarks
        }

        public var isClean: Bool { verdict.isClean && troubles.isEmpty && clients.wrong.isEmpty }
    }

    /// - Parameters:
    ///   - port: where clients send to; the server's own where it is `nil`.
    ///   - fault: does harm, and mends it.
    /// - Throws: what `fault` throws; when the database or the server cannot be asked afterwards.
    public func run(
        on server: ServerProcess, tables: StoredTables, port: UInt16? = nil, fault: (Ledger) throws -> Void
    ) throws -> Outcome {
        let load = BuildLoad(port: port ?? server.port, connections: connections)
        let ledger = load.ledger
        var troubles: [String] = []
        do {
            defer { load.end() }
            // Two fifths before the fault, at least one after it.
            let (before, after) = (writes * 2 / 5, writes / 5)
            guard ledger.wait(upToSeconds: recoverySeconds, for: { $0.acknowledged >= before }) else {
                throw Command.Failed(
                    description: "only \(ledger.figures.acknowledged) writes were acknowledged at first")
            }
            try fault(ledger)
            let mended = ledger.figures.acknowledged
            if !ledger.wait(upToSeconds: recoverySeconds, for: { $0.acknowledged >= max(writes, mended + after) }) {
                let served = ledger.figures.acknowledged - mended
                troubles.append("\(served) writes were acknowledged in the \(Int(recoverySeconds)) s after the fault")
            }
        }
        if !server.isRunning { troubles.append("the server ended: \(server.lastWords)") }
        let verdict = try ledger.compare(with: tables, serverAt: server.port)
        return Outcome(
            clients: ledger.figures, verdict: verdict, peakResidentBytes: server.peakResidentBytes, troubles: troubles)
    }
}

extension Trial.Outcome: CustomStringConvertible {
    /// One line.
    public var description: String {
        func list<Key: Comparable>(_ counts: [Key: Int]) -> String {
            counts.isEmpty
                ? "0" : counts.sorted { $0.key < $1.key }.map { "\($0.key) x \($0.value)" }.joined(separator: ", ")
        }
        return """
            \(clients.writes) writes in \(clients.requests) requests, \(clients.acknowledged) acknowledged, \
            refused \(list(clients.refused)), broken \(list(clients.broken)), wrong \(list(clients.wrong)), \
            lost \(verdict.lost), doubled \(verdict.doubled), altered \(verdict.altered), \
            \(String(format: "%.1f", clients.unavailableSeconds)) s unavailable, \
            peak \(peakResidentBytes / 1_048_576) MiB
            """
    }

    /// What must be read when it is not clean.
    public var details: [String] { troubles + verdict.examples + clients.examples }
}
