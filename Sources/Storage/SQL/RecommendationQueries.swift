import Builds

enum RecommendationStatements {
    static let insert = """
        INSERT INTO recommendations (tenant_id, recommendation_id, number, pipeline, content, ticket)
        VALUES ($1, $2, $3, $4, $5, $6)
        """

    static let find = """
        SELECT content, ticket FROM recommendations WHERE tenant_id = $1 AND recommendation_id = $2
        """

    /// Those that a page of runs followed. Parameters: tenant, pipeline, the number the page ends before, limit.
    static let ofRuns = """
        SELECT c.recommendation_id, c.content
        FROM (\(RunStatements.page(ofPipeline: "recommendation_id"))) AS r
        JOIN recommendations AS c ON c.tenant_id = $1 AND c.recommendation_id = r.recommendation_id
        """

    static let newest = """
        SELECT content, ticket FROM recommendations
        WHERE tenant_id = $1
        ORDER BY number DESC LIMIT $2
        """

    static let newestOfPipeline = """
        SELECT content, ticket FROM recommendations
        WHERE tenant_id = $1 AND pipeline = $2
        ORDER BY number DESC LIMIT $3
        """
}

extension RowWrite {
    /// - Throws: ``StoreError/conflict(_:)`` when the recommendation cannot be kept at all.
    init(saving recommendation: Recommendation, ticket: [UInt8], _ tenant: TenantID) throws {
        self.init(
            kind: .recommendation, tenant: tenant,
            values: [
                .text(tenant.rawValue), .text(recommendation.id), .text(recommendation.target.pipeline),
                try StoredJSON.encode(recommendation), .bytes(ticket),
            ])
    }
}

extension SQLSession {
    func save(_ recommendation: Recommendation, ticket: [UInt8], _ tenant: TenantID) throws {
        let content = try StoredJSON.encode(recommendation)
        let key: [SQLValue] = [.text(tenant.rawValue), .text(recommendation.id)]
        if let row = try firstRow(RecommendationStatements.find, key) {
            guard row.values == [content, .bytes(ticket)] else {
                throw StoreError.conflict("Recommendation '\(recommendation.id)' was already kept with other content.")
            }
            return
        }
        let number = try next(.recommendations, tenant)
        try execute(
            RecommendationStatements.insert,
            key + [.integer(number), .text(recommendation.target.pipeline), content, .bytes(ticket)])
    }

    func recommendation(_ id: String, _ tenant: TenantID) throws -> StoredRecommendation? {
        try firstRow(RecommendationStatements.find, [.text(tenant.rawValue), .text(id)])?.storedRecommendation()
    }

    /// - Parameter limit: already within its bounds.
    func recommendations(
        ofRunsOf pipeline: String, before number: Int64?, limit: Int, _ tenant: TenantID
    ) throws -> [String: Recommendation] {
        let found = try rows(
            RecommendationStatements.ofRuns,
            [.text(tenant.rawValue), .text(pipeline), .integer(number ?? .max), .integer(Int64(limit))])
        // Several runs may follow one recommendation.
        return try Dictionary(found.map { (try $0.text(0), try $0.json(1)) }, uniquingKeysWith: { first, _ in first })
    }

    /// - Parameter limit: already within its bounds.
    func recommendations(of pipeline: String?, limit: Int, _ tenant: TenantID) throws -> [StoredRecommendation] {
        let limit = SQLValue.integer(Int64(limit))
        let found =
            if let pipeline {
                try rows(
                    RecommendationStatements.newestOfPipeline, [.text(tenant.rawValue), .text(pipeline), limit])
            } else {
                try rows(RecommendationStatements.newest, [.text(tenant.rawValue), limit])
            }
        return try found.map { try $0.storedRecommendation() }
    }
}

extension SQLRow {
    fileprivate func storedRecommendation() throws -> StoredRecommendation {
        StoredRecommendation(recommendation: try json(0), ticket: try bytes(1))
    }
}
