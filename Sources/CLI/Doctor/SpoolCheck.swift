import Client

/// Whether reports can be kept while the server is away, and how many are.
enum SpoolCheck {
    static func finding(_ environment: [String: String], server: ServerEndpoint?) -> Finding {
        guard let path = StateDirectory.spoolPath(environment: environment, server: server) else {
            return Finding(
                name: "spool", state: .broken, detail: "no folder of your own can be written to",
                remedy: "set INFRAMIND_SPOOL to a folder that you can write to and others cannot")
        }
        let spool = Spool(path: path)
        let state = spool.state()
        var detail = "\(path): \(state.reports) of \(spool.bounds.reports) reports waiting"
        if state.rejected > 0 { detail += ", \(state.rejected) rejected" }
        if state.refused > 0 { detail += ", \(state.refused) dropped because it was full" }
        if state.reports >= spool.bounds.reports || state.totalBytes >= spool.bounds.totalBytes {
            return Finding(
                name: "spool", state: .broken, detail: detail, remedy: "bring the server back; the next run sends them")
        }
        let isClean = state.rejected == 0 && state.refused == 0
        return Finding(
            name: "spool", state: isClean ? .good : .degraded, detail: detail,
            remedy: state.rejected > 0 ? "look into \(path)/rejected: the server will not take these" : nil)
    }
}
