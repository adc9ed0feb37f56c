import Hummingbird
import NIOCore

/// Closes connections whose request was answered before its body was read.
///
/// The answer must reach a client that is still sending, so the connection stays open for a while and what comes is
/// thrown away; but not for ever, or a body without end would hold it.
struct LingeringClose<Base: HTTPResponder>: HTTPResponder where Base.Context == APIRequestContext {
    /// As long as well-known web servers linger.
    static var lingerSeconds: Int64 { 5 }

    let base: Base
    let limits: RequestLimits

    func respond(to request: Request, context: APIRequestContext) async throws -> Response {
        var response = try await base.respond(to: request, context: context)
        let body = context.bodyProgress.state
        guard body == .arriving || (body == .untouched && mayGoOn(request)) else { return response }
        response.headers[.connection] = "close"
        let channel = context.channel
        channel.eventLoop.scheduleTask(in: .seconds(Self.lingerSeconds)) {
            channel.close(promise: nil)
        }
        return response
    }

    /// Whether more may be coming than is cheap to read and drop.
    private func mayGoOn(_ request: Request) -> Bool {
        if request.headers[.transferEncoding] != nil { return true }
        guard let length = request.headers[.contentLength] else { return false }
        return Int(length).map { $0 > limits.drainedBytes } ?? true
    }
}
