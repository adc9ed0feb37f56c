import Builds
import Hummingbird
import NIOCore
import ServiceLifecycle
import Synchronization

/// `/ui/live`: tells open pages that something was learned, by server-sent events.
struct LiveController: Sendable {
    /// Often enough to feel live; a look is one row.
    private static let interval = Duration.seconds(2)
    /// A stream ends after so many looks, and the browser asks again: no stream outlives its session or a proxy's patience by
    /// much.
    private static let looks = 150
    /// Streams at once; each holds a connection.
    private static let capacity = 200

    let sessions: Sessions
    let learner: Learner
    let drain: Drain
    private let streams = OpenStreams()

    func addRoutes(to pages: RouterGroup<PageContext>) { pages.get("/ui/live", use: live) }

    @Sendable private func live(_ request: Request, context: PageContext) async throws -> Response {
        let (tenant, first) = (context.tenant, try await learner.position(tenant: context.tenant).newestLesson)
        let body = ResponseBody { [self] writer in
            // Counted here and not before: a browser that has gone by now never gets as far as the end.
            guard streams.open(atMost: Self.capacity) else {
                try await writer.write(ByteBuffer(string: "retry: 60000\n\n"))
                return try await writer.finish(nil)
            }
            defer { streams.close() }
            try await writer.write(ByteBuffer(string: "retry: 5000\nevent: position\ndata: \(first)\n\n"))
            var told = first
            for _ in 0..<Self.looks {
                guard await Self.waits(), !drain.hasBegun else { break }
                // A token that was revoked ends its streams as well.
                guard let session = try? await sessions.session(of: request), session.caller.tenant == tenant else {
                    try await writer.write(ByteBuffer(string: "event: signed-out\ndata: \n\n"))
                    break
                }
                guard let now = try? await learner.position(tenant: tenant).newestLesson else { continue }
                // A comment keeps proxies from giving up, and notices a browser that has gone.
                let word = now == told ? ": nothing new\n\n" : "event: position\ndata: \(now)\n\n"
                told = now
                try await writer.write(ByteBuffer(string: word))
            }
            try await writer.finish(nil)
        }
        return Response(
            status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"], body: body)
    }

    /// `false` when the server is told to stop.
    private static func waits() async -> Bool {
        await cancelWhenGracefulShutdown { (try? await Task.sleep(for: interval)) != nil }
    }
}

/// How many streams are open.
private final class OpenStreams: Sendable {
    private let count = Mutex(0)

    func open(atMost limit: Int) -> Bool {
        count.withLock { count in
            guard count < limit else { return false }
            count += 1
            return true
        }
    }

    func close() { count.withLock { $0 -= 1 } }
}
