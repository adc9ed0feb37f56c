import Foundation
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOSSL
import ServiceLifecycle
import Synchronization

/// What new connections are secured with; looks now and then whether the files have changed. Connections that are there
/// keep what they began with.
///
/// swift-nio-ssl can replace a certificate during a handshake, but not the authorities that clients are checked against, so
/// the whole context is replaced.
final class ReloadingTLS: Service {
    /// Certificates are replaced days before they end; files are small.
    static let interval = Duration.seconds(2)

    private struct State {
        var context: NIOSSLContext
        var contents: [Data]?
    }

    private let files: TLSFiles
    private let logger: Logger
    private let state: Mutex<State>

    /// - Throws: ``ConfigurationError`` naming the file that cannot be used.
    init(_ files: TLSFiles, logger: Logger) throws {
        self.files = files
        self.logger = logger
        state = Mutex(State(context: try files.context(), contents: files.contents))
    }

    var context: NIOSSLContext { state.withLock { $0.context } }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: Self.interval)) != nil { self.reloadIfChanged() }
        }
    }

    private func reloadIfChanged() {
        guard let contents = files.contents, contents != state.withLock({ $0.contents }) else { return }
        do {
            let context = try files.context()
            state.withLock { $0 = State(context: context, contents: contents) }
            logger.notice("Certificates were reloaded")
        } catch {
            // Certificate and key are two files: between the two they do not fit.
            logger.warning("New certificates cannot be used yet; the old ones stay", error: error)
        }
    }
}

/// Secures each connection with what is current when it begins.
struct ReloadingTLSChannel<Base: ServerChildChannel>: ServerChildChannel {
    let base: Base
    let tls: ReloadingTLS

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
        channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls.context))
        }.flatMap {
            base.setup(channel: channel, logger: logger)
        }
    }

    func handle(value: Base.Value, logger: Logger) async { await base.handle(value: value, logger: logger) }
}

extension HTTPServerBuilder {
    /// HTTP over TLS.
    static func secured(_ configuration: HTTP1Channel.Configuration, by tls: ReloadingTLS) -> HTTPServerBuilder {
        HTTPServerBuilder { responder in
            ReloadingTLSChannel(base: HTTP1Channel(responder: responder, configuration: configuration), tls: tls)
        }
    }
}
