/// What a browser sees at `/`: how the server is, and where to go.
struct HomePage: Sendable {
    var report: Readiness.Report

    var html: String {
        let rows = report.dependencies.sorted { $0.key < $1.key }.map { name, dependency in
            let latency = dependency.latency_ms.map { ", \($0) ms" } ?? ""
            return "<tr><th scope=\"row\">\(name)</th><td>\(dependency.status)\(latency)</td></tr>"
        }
        return HTML.page(
            title: "InfraMind",
            body: """
                <h1>InfraMind \(Version.current)</h1>
                <p>This server watches CI builds, learns what each one needs, and sizes the next one.</p>
                <p>It is <strong>\(report.isReady ? "ready" : "not ready")</strong>.</p>
                <div class="table"><table>
                <caption class="quiet">What it depends on</caption>
                \(rows.joined(separator: "\n"))
                </table></div>
                <ul>
                <li><a href="/docs">API reference</a> and its <a href="/openapi.json">OpenAPI document</a></li>
                <li><a href="/readyz">Readiness</a>, <a href="/healthz">health</a>, <a href="/metrics">metrics</a></li>
                </ul>
                """)
    }
}
