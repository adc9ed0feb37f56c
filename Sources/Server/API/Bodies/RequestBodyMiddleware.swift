import Hummingbird
import NIOCore

/// Collects the body of a request, up to a size and within a time, so that handlers never wait for a client.
struct RequestBodyMiddleware: RouterMiddleware {
    typealias Context = APIRequestContext

    let limits: RequestLimits

    func handle(
        _ request: Request, context: APIRequestContext, next: (Request, APIRequestContext) async throws -> Response
    ) async throws -> Response {
        guard request.method == .post else { return try await next(request, context) }
        let length = request.headers[.contentLength].flatMap { Int($0) } ?? 0
        if length > limits.drainedBytes { throw APIError.tooLarge(limit: limits.bodyBytes) }
        var request = request
        context.bodyProgress.state = .arriving
        let body = try await collect(request.body)
        context.bodyProgress.state = .complete
        guard let body else { throw APIError.tooLarge(limit: limits.bodyBytes) }
        request.body = .init(buffer: body)
        return try await next(request, context)
    }

    private func collect(_ body: RequestBody) async throws -> ByteBuffer? {
        let buffer: ByteBuffer?
        do {
            buffer = try await Self.read(body, limits)
        } catch let error where !(error is APIError || error is CancellationError) {
            // The connection, not the server: it was closed in the middle, or sent what is no body.
            throw APIError.malformed("The body ended early.")
        }
        // DeadlineResponder has lost its patience; what was read may be half of the body.
        if Task.isCancelled { throw APIError.bodyTooSlow() }
        return buffer
    }

    /// A body somewhat too large is read to its end, for many clients listen only when they have sent everything.
    private static func read(_ body: RequestBody, _ limits: RequestLimits) async throws -> ByteBuffer? {
        var buffer = ByteBuffer()
        var total = 0
        for try await chunk in body {
            total += chunk.readableBytes
            if total <= limits.bodyBytes {
                buffer.writeImmutableBuffer(chunk)
            } else if total > limits.drainedBytes {
                throw APIError.tooLarge(limit: limits.bodyBytes)
            }
        }
        return total <= limits.bodyBytes ? buffer : nil
    }
}
