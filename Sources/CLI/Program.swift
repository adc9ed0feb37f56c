import ArgumentParser
import Client
import Glibc

/// The command line. Exit status 0: done; 1: it failed; 2: it was asked wrongly. `run` ends as the command it wraps.
///
/// `main` is synchronous on purpose: `run` has to see the process as its parent left it, before any thread exists, and
/// the main thread then waits for the command without ever standing in the way of the cooperative pool.
@main
enum Program {
    static func main() {
        InframindClient.useOneThread()
        do {
            var command = try InframindCommand.parseAsRoot(arguments(Array(CommandLine.arguments.dropFirst())))
            try command.run()
        } catch {
            leave(with: error)
        }
    }

    /// What the parser has to see of `words`. It takes time that grows with the square of their number, and a command
    /// may have a hundred thousand: of a wrapped one the parser sees the name, ``RunCommand`` reads the rest itself.
    static func arguments(_ words: [String]) -> [String] {
        guard words.first == RunCommand.configuration.commandName, let terminator = words.firstIndex(of: "--") else {
            return words
        }
        return Array(words.prefix(terminator + 2))
    }

    /// Prints what `error` has to say, where it belongs, and exits.
    private static func leave(with error: any Error) -> Never {
        let code = InframindCommand.exitCode(for: error)
        let message = InframindCommand.fullMessage(for: error)
        if !message.isEmpty { write(message + "\n", to: code.isSuccess ? .output : .diagnostics) }
        // The parser says 64, after BSD's sysexits.h; the programs of this project say 2.
        Glibc.exit(code == .validationFailure ? 2 : code.rawValue)
    }
}
