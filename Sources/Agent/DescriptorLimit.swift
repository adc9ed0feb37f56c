import Glibc

/// How many files the process may have open.
enum DescriptorLimit {
    /// Raises the limit as far as this process may, up to what the server and the collectors could want together.
    /// systemd and most shells start programs with 1,024, which a thousand scrapers would use up.
    static func raise(to wanted: UInt = 4096) {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur < wanted else { return }
        limit.rlim_cur = min(wanted, limit.rlim_max)
        setrlimit(resource, &limit)
    }
}
