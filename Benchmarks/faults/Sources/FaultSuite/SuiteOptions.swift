import Faults
import Foundation

/// What is to be played, and with which server.
struct SuiteOptions {
    var scenarios: [Scenario] = []
    /// `inframind-server`.
    var server: URL
    /// Data and logs stay.
    var keepsFolders = false

    struct Unusable: Error, CustomStringConvertible {
        var description: String
    }

    /// Reads `[--seconds N] [--keep] [SCENARIO ...]` and INFRAMIND_BIN_DIR.
    ///
    /// - Throws: ``Unusable``.
    init(_ words: [String]) throws {
        let binaries = ProcessInfo.processInfo.environment["INFRAMIND_BIN_DIR"] ?? ".build/release"
        server = URL(filePath: binaries).appending(path: "inframind-server")
        guard FileManager.default.isExecutableFile(atPath: server.path) else {
            throw Unusable(description: "there is no \(server.path); build it, or set INFRAMIND_BIN_DIR")
        }
        // A minute shows whether a soak would work at all; ten show whether memory grows.
        var seconds = 60
        var names: [String] = []
        var rest = words[...]
        while let word = rest.popFirst() {
            switch word {
            case "--keep": keepsFolders = true
            case "--seconds":
                guard let value = rest.popFirst().flatMap({ Int($0) }), value >= 20 else {
                    throw Unusable(description: "--seconds takes a number of at least 20")
                }
                seconds = value
            default: names.append(word)
            }
        }
        let known = Scenario.all(soakSeconds: seconds)
        for name in names where !known.contains(where: { $0.name == name }) {
            let list = known.map { "  \($0.name): \($0.summary)" }.joined(separator: "\n")
            throw Unusable(description: "there is no scenario '\(name)'; there are\n\(list)")
        }
        scenarios = known.filter { names.isEmpty || names.contains($0.name) }
    }
}

extension Scenario {
    /// - Parameter soakSeconds: how long each soak takes.
    static func all(soakSeconds: Int) -> [Scenario] {
        quick + [
            postgreSQLRestarted, networkCut, diskFullOnSQLite, diskFullOnPostgreSQL, clockJump, redisKilled,
            rollingRestart, soakOnSQLite(seconds: soakSeconds), soakOnPostgreSQL(seconds: soakSeconds),
        ]
    }
}
