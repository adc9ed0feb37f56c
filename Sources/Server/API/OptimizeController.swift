import Builds
import Contract
import Crypto
import Foundation
import Hummingbird
import Sharing
import Storage

/// `/optimize`: sizes the next run.
struct OptimizeController: Sendable {
    /// Recommending and applying are separate acts; who applies decides for itself.
    static let mode = "suggest"

    /// For as long the same question, asked while nothing new was learned, gets the same answer.
    private static let cacheSeconds = 60.0

    let learner: Learner
    let metrics: ServerMetrics
    let cache: any SharedCache<Never>

    func addRoutes(to routes: RouterGroup<TenantRequestContext>) {
        routes.post("/optimize", use: optimize)
    }

    @Sendable private func optimize(_ request: Request, context: TenantRequestContext) async throws -> Response {
        let bytes = Array(try await request.body.collect(upTo: .max).readableBytesView)
        let position = try await learner.position(tenant: context.tenant)
        let key = CacheKey(bytes, position, context.tenant)
        if let answer = await cache.value(for: key) {
            metrics.recommendedFromCache()
            return .json(bytes: answer)
        }
        let question = try OptimizeBody.decoded(from: bytes).request()
        let recommendation = try await learner.recommend(
            question, id: UUID().uuidString.lowercased(), tenant: context.tenant)
        metrics.recommended(recommendation)
        let answer = Array(try JSONText.data(OptimizeAnswer(recommendation, mode: Self.mode)))
        // Something learned meanwhile is in the answer, and not in the key.
        if try await learner.position(tenant: context.tenant) == position {
            await cache.keep(answer, for: key, seconds: Self.cacheSeconds)
        }
        return .json(bytes: answer)
    }
}

extension CacheKey {
    /// Chance follows from the question and from what is known, so the answer to these bytes is always the same, but for the
    /// name of the recommendation. Who reports an outcome with that name reports on the same decision.
    fileprivate init(_ question: [UInt8], _ position: LearningPosition, _ tenant: TenantID) {
        var hash = SHA256()
        hash.update(data: Data(Version.current.utf8))
        hash.update(data: Data((position.activeModel ?? "").utf8))
        hash.update(data: Data([0]))
        hash.update(data: Data(question))
        self.init(
            tenant: tenant.rawValue, version: position.newestLesson,
            question: Data(hash.finalize()).base64EncodedString())
    }
}
