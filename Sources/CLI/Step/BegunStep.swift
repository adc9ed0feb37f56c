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
    /// - Parameter name: `nil` for the one that began last.
    /// - Throws: ``StepNotBegun``.
    static func take(from state: StateDirectory, key: String, name: String?) throws(StepNotBegun) -> BegunStep {
        let folder = state.path + "/steps"
        let paths =
            name.map { [path(folder, key, $0)] }
            ?? Folder.names(in: folder, suffix: ".json", limit: mostFiles)
            .filter { $0.hasPrefix(hash(key)) }.map { "\(folder)/\($0)" }
        let begun = paths.compactMap { path in read(path).map { (path, $0) } }
        guard let last = begun.max(by: { $0.1.step.startedAt < $1.1.step.startedAt }) else {
            throw StepNotBegun(name: name)
        }
        unlink(last.0)
        return last.1
    }

    /// Files looked at: steps that were never ended stay, and thousands of them are years of a worker.
    private static let mostFiles = 10_000

    private static func read(_ path: String) -> BegunStep? {
        // A state file has about 1 KiB.
        Folder.read(path, atMost: 65_536).flatMap { try? JSONDecoder().decode(BegunStep.self, from: Data($0)) }
    }

    /// Names may hold anything a file name may not, so the file is named by hashes: of the job, and of the step.
    private static func path(_ folder: String, _ key: String, _ name: String) -> String {
        "\(folder)/\(hash(key))-\(hash(name)).json"
    }

    /// FNV-1a, 64 bits.
    private static func hash(_ text: String) -> String {
        let hash = text.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return hexadecimal(hash, digits: 16)
    }
}

/// `step end` without its `step begin`.
struct StepNotBegun: Error, Hashable, CustomStringConvertible {
    /// `nil`: no name was given.
    var name: String?

    var description: String {
        guard let name else { return "no step has begun in this run; call: inframind step begin NAME" }
        return "step '\(name)' has not begun in this run; call: inframind step begin \(shellQuoted(name))"
    }
}
