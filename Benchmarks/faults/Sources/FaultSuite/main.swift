import Faults
import Foundation

/// Runs the scenarios named on the command line, or all of them, and says in one line each what became of the writes.

let words = Array(CommandLine.arguments.dropFirst())
let options: SuiteOptions
do {
    options = try SuiteOptions(words)
} catch {
    complain("\(error)")
    exit(2)
}
var isClean = true
for scenario in options.scenarios {
    let line: String
    do {
        let outcome = try scenario.run(program: options.server, keepsFolder: options.keepsFolders)
        line = ([outcome.description] + outcome.remarks).joined(separator: "; ")
        isClean = isClean && outcome.isClean
        outcome.details.forEach { complain("\(scenario.name): \($0)") }
    } catch let skipped as Scenario.Skipped {
        line = "skipped: \(skipped)"
    } catch {
        // What could not be played proves nothing.
        isClean = false
        line = "failed: \(error)"
    }
    say("\(scenario.name): \(line)")
}
exit(isClean ? 0 : 1)

/// At once, also into a pipe.
func say(_ line: String) { FileHandle.standardOutput.write(Data("\(line)\n".utf8)) }

func complain(_ line: String) { FileHandle.standardError.write(Data("  \(line)\n".utf8)) }
