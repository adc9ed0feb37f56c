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
            var command = try InframindCommand.parseAsRoot()
            try command.run()
        } catch {
            leave(with: error)
        }
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
