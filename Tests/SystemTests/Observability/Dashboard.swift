import Foundation

/// A Grafana dashboard, as far as it asks Prometheus.
struct Dashboard {
    struct Query: Hashable, CustomStringConvertible {
        var dashboard: String
        var panel: String
        var expression: String

        var description: String { "\(dashboard) › \(panel): \(expression)" }
    }

    /// What fills a variable: the values of a label of a series.
    struct Variable: Hashable {
        var name: String
        var label: String
        var series: String
    }

    var queries: [Query] = []
    var variables: [Variable] = []
    /// Panels that show nothing of their own, rows apart.
    var panelsWithoutQuery: [String] = []

    init(_ file: URL) throws {
        let object = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any] ?? [:]
        let title = object["title"] as? String ?? file.lastPathComponent
        for panel in object["panels"] as? [[String: Any]] ?? [] where panel["type"] as? String != "row" {
            let name = panel["title"] as? String ?? ""
            let targets = (panel["targets"] as? [[String: Any]] ?? []).compactMap { $0["expr"] as? String }
            if targets.isEmpty { panelsWithoutQuery.append("\(title) › \(name)") }
            queries += targets.map { Query(dashboard: title, panel: name, expression: $0) }
        }
        let templating = object["templating"] as? [String: Any]
        for variable in templating?["list"] as? [[String: Any]] ?? [] where variable["type"] as? String == "query" {
            let query = (variable["query"] as? [String: Any])?["query"] as? String ?? ""
            guard let parts = query.wholeMatch(of: /label_values\((.+), (\w+)\)/) else { continue }
            variables.append(
                Variable(
                    name: variable["name"] as? String ?? "", label: String(parts.2),
                    series: Self.filled(String(parts.1))))
        }
    }

    static func all() throws -> [Dashboard] {
        let folder = PrometheusServer.repository.appending(path: "observability/grafana/dashboards")
        return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "json" }.sorted { $0.path < $1.path }.map(Dashboard.init)
    }

    /// The expression as Grafana sends it when everything is chosen.
    static func filled(_ expression: String) -> String {
        expression.replacing("$__rate_interval", with: "1m").replacing("$__range", with: "10m")
            .replacing(/\$(tenant|pipeline|instance)\b/, with: ".*")
    }
}
