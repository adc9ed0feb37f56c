import Client
import Contract

/// What is to be explained: a recommendation, or a run with the recommendation it followed.
struct Explained: Sendable {
    var recommendation: OptimizeAnswer?
    var run: RunAnswer?

    init(_ recommendation: OptimizeAnswer) { self.recommendation = recommendation }

    /// - Throws: ``UnknownToServer`` when there is neither; ``ClientError``.
    init(id: String, _ client: InframindClient) async throws {
        recommendation = try await Self.found { () throws(ClientError) in try await client.recommendation(id: id) }
        if recommendation != nil { return }
        run = try await Self.found { () throws(ClientError) in try await client.run(id: id) }
        guard let run else { throw UnknownToServer(id: id, server: client.endpoint.url) }
        guard let followed = run.recommendation_id else { return }
        // A run may name a recommendation that another server has made.
        recommendation = try await Self.found { () throws(ClientError) in
            try await client.recommendation(id: followed)
        }
    }

    /// `nil` for what the server does not know.
    private static func found<Answer>(
        _ ask: () async throws(ClientError) -> Answer
    ) async throws(ClientError) -> Answer? {
        do {
            return try await ask()
        } catch {
            guard error.isRefused(with: 404) else { throw error }
            return nil
        }
    }

    var text: String {
        [run.map { RunCard($0).text }, recommendation.map { ExplanationCard($0).text }].compactMap(\.self)
            .joined(separator: "\n")
    }

    func json() throws -> String {
        struct Both: Encodable {
            var run: RunAnswer
            var recommendation: OptimizeAnswer?
        }
        if let run { return try prettyJSON(Both(run: run, recommendation: recommendation)) + "\n" }
        return try recommendation.map { try prettyJSON($0) + "\n" } ?? ""
    }
}

/// An id that is neither a recommendation nor a run of the server.
struct UnknownToServer: Error, CustomStringConvertible {
    var id: String
    var server: String

    var description: String {
        "\(server) knows no recommendation and no run '\(printable(id))'. "
            + "Runs are known from their start on; ids are those that 'inframind run' was given or made."
    }
}
