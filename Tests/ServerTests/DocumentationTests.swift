import Foundation
import Notifications
import Testing

@testable import Optimizer
@testable import Server

@Suite("The documents name what the code has")
struct DocumentationTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// The code spans of `text`.
    private static func spans(_ text: String) -> [String] {
        text.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .compactMap { $0.offset % 2 == 1 ? String($0.element) : nil }
    }

    @Test("The list of endpoints in docs/api.md is that of the OpenAPI document")
    func endpoints() throws {
        let paths = try OpenAPIDocument.parsed()["paths"]
        let described = Set(paths.keys.flatMap { path in paths[path].keys.map { "\($0.uppercased()) \(path)" } })
        let listed = try Set(
            Self.text("docs/api.md").split(separator: "\n").filter { $0.hasPrefix("| `") }
                .flatMap { Self.spans(String($0.split(separator: "|")[0])) }.filter { $0.contains(" /") })
        let unlisted: Set = ["GET /docs", "GET /openapi.json"]
        #expect(listed == described.subtracting(unlisted))
    }

    @Test("The guardrails in docs/ml.md are those that act, in their order")
    func guardrails() throws {
        let section = try #require(
            try Self.text("docs/ml.md").split(separator: "## ").first { $0.hasPrefix("Guardrails") })
        let listed = section.split(separator: "\n").filter { $0.hasPrefix("| `") }.compactMap {
            Self.spans(String($0)).first
        }
        #expect(listed == Guardrails.all.map { $0.name })
    }

    @Test(".env.example names the server's keys, and none it does not have")
    func environment() throws {
        let forTheCommandLine: Set = [
            "INFRAMIND_URL", "INFRAMIND_TOKEN", "INFRAMIND_SPOOL", "INFRAMIND_CA_FILE", "INFRAMIND_CLIENT_CERTIFICATE",
            "INFRAMIND_CLIENT_KEY",
        ]
        // Each destination has its own.
        let ofDestinations: Set = ["INFRAMIND_NOTIFY_OPS_KIND", "INFRAMIND_NOTIFY_OPS_URL_FILE"]
        let named = try Set(
            Self.text(".env.example").split(separator: "\n").compactMap { line -> String? in
                let name = line.drop { $0 == "#" }.prefix { $0 != "=" }
                return name.hasPrefix("INFRAMIND_") && !name.contains(" ") ? String(name) : nil
            })
        let keys = Set(ConfigurationKey.all.map(\.environmentName))
        #expect(named.subtracting(forTheCommandLine).subtracting(keys) == ofDestinations)
        #expect(keys.subtracting(named) == ["INFRAMIND_DATABASE_URL"])
    }

    @Test("docs/notifications.md names every event, every outcome and every alert")
    func notifications() throws {
        let spans = Set(Self.spans(try Self.text("docs/notifications.md")))
        let words = MessageKind.allCases.map(\.rawValue) + ServerMetrics.NotificationOutcome.allCases.map(\.rawValue)
        for word in words + Destination.Kind.allCases.map(\.rawValue) { #expect(spans.contains(word), "\(word)") }
    }

    @Test("Every decision note that a document names exists")
    func links() throws {
        for document in [
            "README.md", "CONTRIBUTING.md", "docs/quickstart.md", "docs/architecture.md", "docs/api.md", "docs/ml.md",
            "docs/operations/README.md", "docs/operations/backup.md", "docs/notifications.md",
        ] {
            let text = try Self.text(document)
            let folder = document.split(separator: "/").dropLast().map { "\($0)/" }.joined()
            for part in text.split(separator: "](").dropFirst() {
                let target = part.prefix { $0 != ")" && $0 != "#" }
                guard !target.isEmpty, !target.contains("://") else { continue }
                let path = Self.root.appending(path: folder + target).path
                #expect(FileManager.default.fileExists(atPath: path), "\(document): \(target)")
            }
        }
    }
}
