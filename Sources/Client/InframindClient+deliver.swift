import Builds

extension InframindClient {
    /// Sends a whole report: start, steps, completion.
    ///
    /// 409 means that the server already holds something under this name. The first word stands, and the rest of the
    /// report still goes out: several commands may share one run, and a report may come twice.
    ///
    /// - Parameter onlyEnds: the server already knows that the run and its steps began.
    public func deliver(
        _ report: RunReport, onlyEnds: Bool = false, within timeout: Duration? = nil
    ) async throws(ClientError) {
        let deadline = timeout.map { ContinuousClock.now + $0 }
        func left() -> Duration? { deadline.map { max(.zero, ContinuousClock.now.duration(to: $0)) } }

        if report.scope == .run && !onlyEnds {
            try await acceptingConflict { () throws(ClientError) in try await start(report.run, within: left()) }
        }
        for step in report.steps {
            if !onlyEnds { try await begin(step, of: report, within: left()) }
            guard let stop = step.stop else { continue }
            try await acceptingConflict { () throws(ClientError) in try await stopStep(step, stop, within: left()) }
        }
        if let completion = report.completion {
            try await acceptingConflict { () throws(ClientError) in
                try await complete(report.run.id, completion, within: left())
            }
        }
    }

    private func begin(_ step: Step, of report: RunReport, within timeout: Duration?) async throws(ClientError) {
        do {
            try await acceptingConflict { () throws(ClientError) in try await startStep(step, within: timeout) }
        } catch {
            // An enclosing command has not been heard yet, perhaps because it never reached the server.
            guard error.isRefused(with: 404), report.scope == .steps else { throw error }
            try await acceptingConflict { () throws(ClientError) in try await start(report.run, within: timeout) }
            try await acceptingConflict { () throws(ClientError) in try await startStep(step, within: timeout) }
        }
    }

    private func acceptingConflict(_ send: () async throws(ClientError) -> Void) async throws(ClientError) {
        do {
            try await send()
        } catch {
            if !error.isRefused(with: 409) { throw error }
        }
    }
}
