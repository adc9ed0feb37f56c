import Builds
import Contract
import Hummingbird
import Ingest
import NIOCore
import Storage

/// `/batch`: many reports at once, for spools and importers.
///
/// A bad line is counted and the rest go on. When the store fails, the answer is 503: what was written stays, and the same
/// batch again does the rest.
struct BatchController: Sendable {
    /// Bytes that a packed body may become for each it may have.
    private static let unpackedShare = 32

    let store: any Store
    let learner: Learner
    let metrics: ServerMetrics
    let clock: WallClock
    let limits: RequestLimits

    func addRoutes(to routes: RouterGroup<TenantRequestContext>) {
        routes.post("/batch", use: take)
    }

    @Sendable private func take(_ request: Request, context: TenantRequestContext) async throws -> Response {
        let body = Pieces(buffer: try await request.body.collect(upTo: .max))
        let outcome = try await ingest(body, request.headers[.contentEncoding], context.tenant)
        metrics.batchTaken(outcome)
        if !outcome.runsCompleted.isEmpty || outcome.stepsObserved > 0 {
            await learner.runCompleted(tenant: context.tenant)
        }
        return try .json(outcome.answer)
    }

    private func ingest(_ body: Pieces, _ encoding: String?, _ tenant: TenantID) async throws -> BatchOutcome {
        let batch = BatchIngest(store: store)
        switch encoding?.lowercased() {
        case nil, "identity": return try await batch.ingest(body, tenant: tenant, receivedAt: clock.now())
        case "gzip", "x-gzip":
            let unpacked = GzipBody(body, limits: GzipLimits(unpackedBytes: limits.bodyBytes * Self.unpackedShare))
            do {
                return try await batch.ingest(unpacked, tenant: tenant, receivedAt: clock.now())
            } catch GzipError.tooLarge(let limit) {
                throw APIError.tooLarge(limit: limit)
            } catch let error as GzipError {
                throw APIError.malformed(error.description)
            }
        case let other?:
            throw APIError(
                .unsupportedMediaType, "Unsupported media type",
                "Content-Encoding '\(other.prefix(40))' is not understood; send gzip or none.")
        }
    }

    /// A body that is there, handed on in pieces.
    private struct Pieces: AsyncSequence, AsyncIteratorProtocol {
        /// As large as what gzip hands on.
        private static let pieceBytes = 64 << 10

        var buffer: ByteBuffer

        func makeAsyncIterator() -> Pieces { self }

        mutating func next() async -> [UInt8]? {
            buffer.readableBytes == 0 ? nil : buffer.readBytes(length: Swift.min(Self.pieceBytes, buffer.readableBytes))
        }
    }
}
