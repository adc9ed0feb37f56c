import Glibc
import Telemetry

/// The one place where the agent is put together, and put together anew when its configuration changes.
///
/// Everything of a new configuration is made before anything of the old one is given up: what cannot work is refused
/// as a whole, and the agent goes on as it was.
final class RunningAgent {
    private let loop: EventLoop
    private let log: (String) -> Void
    private var parts: Parts
    private var library: OpenSSL?

    /// What belongs to one configuration.
    private struct Parts {
        var configuration: AgentConfiguration
        var server: MetricsServer?
        var json: JSONExporter?
        var attribution: AttributionService?
    }

    init(_ configuration: AgentConfiguration, _ loop: EventLoop, log: @escaping (String) -> Void) throws {
        self.loop = loop
        self.log = log
        parts = Parts(configuration: AgentConfiguration())
        try put(configuration)
    }

    /// Where `/metrics` is served; `nil` when it is not.
    var url: String? {
        parts.server.map { "\($0.tls == nil ? "http" : "https")://\($0.address)/metrics" }
    }

    /// Makes `configuration` the one in force, or throws and changes nothing.
    func put(_ configuration: AgentConfiguration) throws {
        var made = Parts(configuration: configuration)
        let sources = CollectorSources(roots: configuration.roots, settings: configuration.collecting)
        made.attribution = try attribution(configuration)
        var collectors = Collectors.all(sources).filter { configuration.collectors.contains($0.name) }
        if let attribution = made.attribution { collectors.append(attribution) }
        let page = MetricsPage(collectors: collectors, log: log)
        if configuration.prometheus.isEnabled {
            made.server = try server(configuration, SharedPages(page, labels: configuration.labels))
        }
        if configuration.json.isEnabled { made.json = JSONExporter(configuration, page, log: log) }

        if parts.server !== made.server { parts.server?.stop() }
        if let json = parts.json { loop.remove(json) }
        if parts.attribution !== made.attribution {
            parts.attribution?.stop()
            made.attribution?.start()
        }
        parts = made
        if let json = made.json { loop.add(json) }
    }

    /// The server in force if it listens where it should, with other pages and keys; otherwise another.
    private func server(_ configuration: AgentConfiguration, _ pages: SharedPages) throws -> MetricsServer {
        let prometheus = configuration.prometheus
        let token = try prometheus.tokenFile.map { try AccessToken(file: $0) }
        let tls = try prometheus.tls.map { files in
            try TLSContext.server(certificate: files.certificate, key: files.key, library: openSSL())
        }
        let server: MetricsServer
        if let running = parts.server, parts.configuration.prometheus.listen == prometheus.listen {
            server = running
            server.pages = pages
        } else {
            server = try MetricsServer(loop: loop, listen: prometheus.listen, pages: pages)
        }
        server.token = token
        server.tls = tls
        return server
    }

    /// The attribution in force if nothing of it has changed, so that what it follows is not lost; otherwise another.
    /// `nil` when there is no server to tell.
    private func attribution(_ configuration: AgentConfiguration) throws -> AttributionService? {
        let server = configuration.server
        guard configuration.isAttributing, let url = server.url else { return nil }
        let before = parts.configuration
        if let running = parts.attribution, before.server == server, before.roots == configuration.roots,
            before.attribution == configuration.attribution
        {
            return running
        }
        let following = try Attribution.Configuration(configuration)
        var posting = Outbox.Configuration(
            server: try ServerAddress(url), tokenFile: server.tokenFile, node: NodeName.current(),
            spoolPath: server.spool)
        if posting.server.isSecure {
            let library = try openSSL()
            let context = try TLSContext.client(roots: server.caFile, identity: server.identity, library: library)
            posting.connect = { (address, host) throws(SocketChannel.Failed) in
                try TLSChannel(address, host: host, context)
            }
            if let identity = server.identity {
                // Made anew for each connection: a certificate that lives for weeks is renewed under an agent that runs for months.
                posting.connect = { (address, host) throws(SocketChannel.Failed) in
                    let context: TLSContext
                    do throws(TLSFailure) {
                        context = try TLSContext.client(roots: server.caFile, identity: identity, library: library)
                    } catch {
                        throw SocketChannel.Failed(reason: error.description)
                    }
                    return try TLSChannel(address, host: host, context)
                }
            }
        }
        return try AttributionService(following, posting, loop, log: log)
    }

    /// What would keep this configuration from running, as far as that can be told without listening anywhere: files
    /// that are missing or do not hold what they should.
    static func findings(_ configuration: AgentConfiguration) -> [String] {
        var findings: [String] = []
        do {
            if let file = configuration.prometheus.tokenFile { _ = try AccessToken(file: file) }
        } catch {
            findings.append("\(error)")
        }
        do {
            if let files = configuration.prometheus.tls {
                _ = try TLSContext.server(certificate: files.certificate, key: files.key, library: OpenSSL())
            }
            if configuration.server.url?.hasPrefix("https://") == true {
                _ = try TLSContext.client(
                    roots: configuration.server.caFile, identity: configuration.server.identity, library: OpenSSL())
            }
        } catch {
            findings.append("\(error)")
        }
        if configuration.isAttributing { findings += attributionFindings(configuration) }
        return findings
    }

    private static func attributionFindings(_ configuration: AgentConfiguration) -> [String] {
        var findings: [String] = []
        if let file = configuration.server.tokenFile, Outbox.token(file) == nil {
            findings.append("server.token-file: \(file) cannot be read, or its first line is no token")
        }
        // The default is looked for and need not be there: most nodes are no part of a cluster.
        let isDefault = configuration.attribution.podLabels == AgentConfiguration.AttributionSettings().podLabels
        for folder in configuration.attribution.podLabels where !isDefault && access(folder, R_OK | X_OK) != 0 {
            findings.append("attribution.pod-labels: \(folder): \(String(cString: strerror(errno)))")
        }
        return findings
    }

    private func openSSL() throws(TLSFailure) -> OpenSSL {
        if let library { return library }
        let loaded = try OpenSSL()
        library = loaded
        return loaded
    }
}

extension Attribution.Configuration {
    fileprivate init(_ configuration: AgentConfiguration) throws {
        let settings = configuration.attribution
        roots = configuration.roots
        intervalSeconds = settings.intervalSeconds
        settleSeconds = settings.settleSeconds
        reportIntervalSeconds = settings.reportIntervalSeconds
        usesExitRecords = settings.usesExitRecords
        kubeletPaths = settings.podLabels
        pods.kubelet = try settings.kubelet.map { try ServerAddress($0) }
    }
}
