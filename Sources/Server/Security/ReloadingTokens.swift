import Logging
import ServiceLifecycle
import Synchronization

/// The tokens of the configuration; looks now and then whether their file has changed.
///
/// Looks instead of being told: a Secret of Kubernetes is replaced by turning a symbolic link two folders up, which
/// watching the file misses.
final class ReloadingTokens: Service {
    static let interval = Duration.seconds(2)

    private let configuration: ServerConfiguration
    private let logger: Logger
    private let state: Mutex<State>

    private struct State {
        var tokens: AccessTokens
        /// What was last read, good or not, so that each mistake is told once.
        var lines: [String]?
    }

    init(_ configuration: ServerConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        state = Mutex(
            State(tokens: configuration.tokens, lines: try? configuration.tokensFile?.lines(key: "tokens-file")))
    }

    var tokens: AccessTokens { state.withLock { $0.tokens } }

    func run() async throws {
        guard let file = configuration.tokensFile else {
            // A service that returns would end the others.
            try? await gracefulShutdown()
            return
        }
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: Self.interval)) != nil { self.reloadIfChanged(file) }
        }
    }

    private func reloadIfChanged(_ file: SecretFile) {
        // It may be gone for a moment while it is replaced.
        guard let lines = try? file.lines(key: "tokens-file"), lines != state.withLock({ $0.lines }) else { return }
        do {
            let tokens = try AccessTokens(lines, key: "tokens-file")
            try configuration.checkSafety(of: tokens)
            state.withLock { $0 = State(tokens: tokens, lines: lines) }
            logger.notice("Tokens were reloaded")
        } catch {
            state.withLock { $0.lines = lines }
            logger.warning("New tokens cannot be used; the old ones stay", error: error)
        }
    }
}
