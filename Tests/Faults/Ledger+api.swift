extension Ledger {
    /// Asks the server for the runs of which something was acknowledged.
    ///
    /// - Parameter limit: runs that are asked for, spread evenly; the database was compared whole.
    func compare(withServerAt port: UInt16, limit: Int = 5000, _ verdict: inout Verdict) throws {
        let connection = HTTPConnection(port: port)
        let begun = builds().filter { $0.acknowledged != 0 }
        for index in stride(from: 0, to: begun.count, by: max(1, begun.count / limit)) {
            let (build, _, acknowledged, _) = begun[index]
            let answer = try connection.ask("GET", "/runs/\(build.escapedRunID)")
            verdict.compared.runs += 1
            if answer.status == 404 {
                verdict.lose("GET /runs/\(build.escapedRunID) says 404")
            } else if answer.status != 200 {
                verdict.alter("GET /runs/\(build.escapedRunID) says \(answer.status)")
            } else if JSONFields(answer.body).map({ build.matches(answer: $0, acknowledged: acknowledged) }) != true {
                verdict.alter("GET /runs/\(build.escapedRunID) says \(String(decoding: answer.body, as: UTF8.self))")
            }
        }
    }

    /// Compares with the database and the server.
    ///
    /// - Throws: when either cannot be asked.
    public func compare(with tables: StoredTables, serverAt port: UInt16) throws -> Verdict {
        var verdict = Verdict()
        try compare(with: tables, &verdict)
        try compare(withServerAt: port, &verdict)
        return verdict
    }
}
