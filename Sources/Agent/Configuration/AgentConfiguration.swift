import Telemetry

/// Everything the agent can be told, with its defaults.
///
/// `docs/agent.md` lists the keys of the file; `deploy/agent/agent.yaml` shows each of them.
struct AgentConfiguration: Hashable, Sendable {
    /// `interval`: how often JSON lines are written, in seconds. Scrapes come when Prometheus wants them.
    var intervalSeconds = 15.0
    /// `path-procfs` and `path-sysfs`.
    var roots = KernelRoots()
    /// `collectors`: names, in the order of the page.
    var collectors = Collectors.names
    /// `labels`: what every sample carries besides its own labels.
    var labels = ConstantLabels()
    /// `processes`, `cgroups` and `caches`: what collectors are told beyond where the kernel's files are.
    var collecting = CollectorSettings()
    var prometheus = PrometheusExporter()
    var json = JSONExporter()
    /// `server`: where the usage of steps goes; nothing is posted unless its URL is set.
    var server = Server()
    /// `attribution`: how builds are found and followed. Nothing is followed without a server to tell.
    var attribution = AttributionSettings()

    /// Whether there is anything to do.
    var hasWork: Bool { prometheus.isEnabled || json.isEnabled || isAttributing }
    /// Whether builds are followed.
    var isAttributing: Bool { server.url != nil && attribution.isEnabled }

    /// `exporters.prometheus`.
    struct PrometheusExporter: Hashable, Sendable {
        var isEnabled = true
        /// Loopback by default: telemetry of a node is nobody else's until its owner says so.
        var listen = ListenAddress(host: .v4(127, 0, 0, 1), port: 9102)
        var tls: TLSFiles?
        var tokenFile: String?
    }

    /// PEM files: `exporters.prometheus.tls`, read again on SIGHUP, and what is shown to the server.
    struct TLSFiles: Hashable, Sendable {
        var certificate: String
        var key: String
    }

    /// `exporters.json`.
    struct JSONExporter: Hashable, Sendable {
        var isEnabled = false
        /// `nil` is the standard output.
        var path: String?
        var rotateBytes: Int64 = 64 << 20
        /// Rotated files that are kept, 0 to 100.
        var keep = 3
    }

    /// `server`.
    struct Server: Hashable, Sendable {
        /// `http://` or `https://`, a host and maybe a port.
        var url: String?
        var tokenFile: String?
        /// PEM authorities to believe instead of the system's.
        var caFile: String?
        /// `client-certificate` and `client-key`: what is shown to a server that hears only whom it knows.
        var identity: TLSFiles?
        /// Folder where reports wait while the server is away; `nil` keeps them in memory.
        var spool: String?
    }

    /// `attribution`.
    struct AttributionSettings: Hashable, Sendable {
        var isEnabled = true
        /// `interval`: between two looks for new builds, in seconds, 0.1 to 60. What lives for less may not be seen.
        var intervalSeconds = 1.0
        /// `report-interval`: between two reports of a step that runs, in seconds, 1 to 86,400.
        var reportIntervalSeconds = 60.0
        /// `settle`: how long a step that has ended, and was reported, is watched for its next program, in seconds, 0 to
        /// 3600.
        var settleSeconds = 5.0
        /// `exit-records`: whether to use the kernel's exit accounting where it may be used.
        var usesExitRecords = true
        /// `kubelet`: the read-only port, `http://` alone; `nil` asks nobody.
        var kubelet: String?
        /// `pod-labels`: folders of the kubelet, below which the downward API files of the node's pods lie.
        var podLabels = ["/var/lib/kubelet"]
    }
}
