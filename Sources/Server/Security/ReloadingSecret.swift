import Logging
import ServiceLifecycle
import Synchronization

/// What a secret file says; looks now and then whether the file has changed.
///
/// Looks instead of being told: a Secret of Kubernetes is replaced by turning a symbolic link two folders up, which
/// watching the file misses.
final class ReloadingSecret<Value: Sendable>: Service {
    private let file: SecretFile?
    private let key: String
    private let logger: Logger
    private let read: @Sendable ([String]) throws -> Value
    private let state: Mutex<State>

    private struct State {
        var value: Value
        /// What was last read, good or not, so that each mistake is told once.
        var lines: [String]?
        /// Looks in a row at which the file could not be read.
        var misses = 0
    }

    /// - Parameters:
    ///   - value: what was read at the start.
    ///   - file: where it was read; `nil`: it stays as it is.
    ///   - key: the file's key in the configuration, named in the log.
    ///   - read: makes a value of the lines, or says why it cannot be one.
    init(
        _ value: Value, file: SecretFile?, key: String, logger: Logger,
        read: @escaping @Sendable ([String]) throws -> Value
    ) {
        self.file = file
        self.key = key
        self.logger = logger
        self.read = read
        state = Mutex(State(value: value, lines: try? file?.lines(key: key)))
    }

    var value: Value { state.withLock { $0.value } }

    func run() async throws {
        guard let file else {
            // A service that returns would end the others.
            try? await gracefulShutdown()
            return
        }
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: .seconds(2))) != nil { self.look(at: file) }
        }
    }

    /// Takes what the file says now, if that is something else and can be used.
    func look(at file: SecretFile) {
        let lines: [String]
        do {
            lines = try file.lines(key: key)
        } catch {
            let misses = state.withLock { state in
                state.misses += 1
                return state.misses
            }
            // Not at once: it may be gone for a moment while it is replaced.
            if misses == 2 { warn("The file of a secret cannot be read; the old one stays", error) }
            return
        }
        let isKnown = state.withLock { state in
            state.misses = 0
            return state.lines == lines
        }
        if isKnown { return }
        do {
            let value = try read(lines)
            state.withLock { $0 = State(value: value, lines: lines) }
            logger.notice("A secret was reloaded", metadata: ["configuration.key": "\(key)"])
        } catch {
            state.withLock { $0.lines = lines }
            warn("A new secret cannot be used; the old one stays", error)
        }
    }

    private func warn(_ words: Logger.Message, _ error: any Error) {
        logger.warning(words, error: error, metadata: ["configuration.key": "\(key)"])
    }
}
