import ArgumentParser
import Client
import Glibc

extension ServerOptions {
    /// Sends a report, or keeps it in the spool. Older reports follow, while there is time.
    ///
    /// - Throws: a usage error when the address is none; ``ClientError`` when the server will never take the report;
    ///   ``SpoolError`` or ``NoStateDirectory`` when it can neither be sent nor kept.
    func send(_ report: RunReport, within budget: Duration, _ environment: [String: String]) throws {
        let server = try? endpoint(environment)
        let spool = StateDirectory.spoolPath(environment: environment, server: server).map { Spool(path: $0) }
        let failure: ClientError? = try withClient(environment) { client in
            let deadline = ContinuousClock.now + budget
            do {
                try await client.deliver(report, within: budget)
            } catch {
                return error as? ClientError
            }
            _ = await spool?.flush(within: ContinuousClock.now.duration(to: deadline)) {
                (old, left) throws(ClientError) in
                try await client.deliver(old, within: left)
            }
            return nil
        }
        guard let failure else { return }
        if failure.isPermanent { throw failure }
        guard let spool else { throw NoStateDirectory() }
        try spool.add(report, at: currentTime(), random: .random(in: 0 ... .max))
        write("inframind: not reported, kept for later: \(failure)\n", to: .diagnostics)
    }
}
