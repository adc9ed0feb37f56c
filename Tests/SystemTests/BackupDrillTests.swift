import Foundation
import Scaffolding
import Testing

/// What docs/operations/backup.md tells an operator to practise: back up, lose everything, restore, and be given the same
/// answers as before.
@Suite("The restore drill", .serialized)
struct BackupDrillTests {
    enum Backend: String, CaseIterable, Sendable {
        case sqlite, postgreSQL
    }

    /// A place for a database; each is of a kind, and empty.
    private struct Place {
        var arguments: [String]
        /// Takes everything away.
        var destroy: () throws -> Void

        init(_ backend: Backend, in folder: URL) throws {
            switch backend {
            case .sqlite:
                arguments = ["--data", folder.path]
                destroy = { try FileManager.default.removeItem(at: folder) }
            case .postgreSQL:
                let cluster = try PostgreSQLCluster()
                arguments = ["--database-url", cluster.url]
                destroy = { cluster.stop() }
            }
        }
    }

    /// A question and its answer, without what says when it was asked.
    private func answer(_ server: RunningServer, _ path: String, body: String? = nil, token: String? = nil) throws
        -> NSDictionary
    {
        var arguments = [
            "--silent", "--fail-with-body", "--max-time", "30", "--header",
            "X-IM-Token: \(token ?? "dev-key-change-in-production")", server.endpoint.url + path,
        ]
        if let body { arguments += ["--header", "Content-Type: application/json", "--data", body] }
        let result = try Binaries.run(URL(filePath: "/usr/bin/curl"), arguments)
        try #require(result.status == 0, "\(path): \(result.output)")
        let json = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
        return try #require(Self.timeless(json) as? NSDictionary, "\(path): \(result.output)")
    }

    /// An answer without how long ago things were when it was given, in numbers or in words.
    private static func timeless(_ json: Any) -> Any {
        switch json {
        case let object as [String: Any]:
            let kept = object.filter { key, _ in
                !key.hasSuffix("_age_s") && !["recommendation_id", "expires_at", "text", "rationale"].contains(key)
            }
            return NSDictionary(dictionary: kept.mapValues(timeless))
        case let list as [Any]: return NSArray(array: list.map(timeless))
        default: return json
        }
    }

    /// Everything that rests on what was learned, and on what was kept.
    private func answers(_ server: RunningServer, token: String) throws -> [NSDictionary] {
        let pipelines = ["demo/search-engine", "nobody/knows-this"]
        var all: [NSDictionary] = []
        for pipeline in pipelines {
            for run in ["r1", "r2", "r3"] {
                let step = #""pipeline":"\#(pipeline)","stage":"build","step":"compile","run_id":"\#(run)""#
                all.append(try answer(server, "/optimize", body: #"{\#(step),"context":{"tool":"make"}}"#))
            }
        }
        for path in ["/models", "/events", "/history", "/audit"] { all.append(try answer(server, path, token: token)) }
        return all
    }

    @Test(
        "After backup, loss and restore, the same questions get the same answers, and tokens are good",
        arguments: Backend.allCases)
    func drill(_ backend: Backend) async throws {
        if backend == .postgreSQL, PostgreSQLCluster.reasonToSkip != nil { return }
        try await withTemporaryFolder { folder in
            let place = try Place(backend, in: folder.appending(path: "first"))
            let first = try RunningServer(data: folder.appending(path: "unused"), arguments: place.arguments)
            let environment = ["INFRAMIND_URL": first.endpoint.url]
            let seeded = try Binaries.run(Binaries.cli, ["seed-demo", "--runs", "40"], environment: environment)
            #expect(seeded.status == 0 && seeded.output.contains("Trained"), "\(seeded.output)")
            let made = try Binaries.run(
                Binaries.cli, ["token", "create", "--name", "drill", "--scope", "admin"], environment: environment)
            let token = try #require(made.output.firstMatch(of: /im_[\w-]+/).map { String($0.0) }, "\(made.output)")

            let file = folder.appending(path: "backup.db").path
            let backup = try Binaries.run(Binaries.server, ["backup", "--to", file] + place.arguments)
            #expect(backup.status == 0, "\(backup.output)")
            let before = try answers(first, token: token)
            // Not a stop: a loss.
            first.kill()
            try place.destroy()

            let other = try Place(backend, in: folder.appending(path: "second"))
            defer { try? other.destroy() }
            let restore = try Binaries.run(Binaries.server, ["restore", "--from", file] + other.arguments)
            #expect(restore.status == 0, "\(restore.output)")
            let second = try RunningServer(data: folder.appending(path: "unused"), arguments: other.arguments)
            let after = try answers(second, token: token)
            for (one, again) in zip(before, after) { #expect(one == again) }
            #expect(before.count == after.count)
            // Or the comparison would be of nothing.
            #expect(before.contains { ($0["source"] as? String).map { $0 != "fallback" && $0 != "prior" } == true })
            #expect(second.stop() == 0)
        }
    }
}
