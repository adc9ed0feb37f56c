import Contract

extension OptimizeAnswer {
    /// The answer, once every number a build would be run with lies within the contract's bounds.
    ///
    /// It is right JSON of the right shape at this point, and may still be nonsense: a build must not be started with
    /// -j1000000 because something else answers at the server's address.
    func checked() throws(ClientError) -> OptimizeAnswer {
        let jobs = suggestions.concurrency
        guard Bounds.jobs.contains(Double(jobs)) else {
            throw .unexpectedAnswer("it recommends \(jobs) jobs")
        }
        guard limits.cpu.isFinite, Bounds.cores.contains(limits.cpu) else {
            throw .unexpectedAnswer("it recommends \(limits.cpu) cores")
        }
        guard limits.mem_gb.isFinite, limits.mem_gb > 0, Bounds.gib.contains(limits.mem_gb) else {
            throw .unexpectedAnswer("it recommends \(limits.mem_gb) GiB of memory")
        }
        let id = recommendation_id.utf8
        guard !id.isEmpty, id.count <= Bounds.nameBytes, id.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            throw .unexpectedAnswer("its recommendation_id cannot be used as a name")
        }
        return self
    }
}
