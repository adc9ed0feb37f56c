import Builds
import Client
import FoundationEssentials
import Glibc

/// A step that has begun, kept on disk until it ends.
struct BegunStep: Codable, Sendable {
    var pipeline: String
    var step: Step
    /// True when the run exists only for this step: `step end` then completes it.
    var ownsRun: Bool
    var counters: MachineCounters

    /// What `begin` and `end` of one job have in common, and other jobs on this machine do not.
    static func key(_ environment: [String: String]) -> String {
        if let id = environment[BuildIdentity.Variable.runID], !id.isEmpty { return id }
        return CIDialect.detect(environment)?.key(in: environment) ?? "local"
    }

    /// - Throws: ``FileError``.
    func save(in state: StateDirectory, key: String, name: String) throws {
        let folder = state.path + "/steps"
        guard Folder.makePrivate(at: folder) else { throw NoStateDirectory() }
        try Folder.write(Array(try JSONEncoder().encode(self)), to: Self.path(folder, key, name))
    }

    /// The step, which is forgotten at once: a second `end` is an error.
    ///
    /// - Throws: ``StepNotBegun``.
    static func take(from state: StateDirectory, key: String, name: String) throws -> BegunStep {
        let path = path(state.path + "/steps", key, name)
        // A state file has about 1 KiB.
        guard let bytes = Folder.read(path, atMost: 65_536) else { throw StepNotBegun(name: name) }
        unlink(path)
        guard let begun = try? JSONDecoder().decode(BegunStep.self, from: Data(bytes)) else {
            throw StepNotBegun(name: name)
        }
        return begun
    }

    /// Names may hold anything a file name may not, so the file is named by their hash (FNV-1a, 64 bits).
    private static func path(_ folder: String, _ key: String, _ name: String) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in Array(key.utf8) + [0] + Array(name.utf8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return "\(folder)/\(hexadecimal(hash, digits: 16)).json"
    }
}

/// `step end` without its `step begin`.
struct StepNotBegun: Error, Hashable, CustomStringConvertible {
    var name: String

    var description: String {
        "step '\(name)' has not begun in this run; call: inframind step begin \(shellQuoted(name))"
    }
}
