/// A place in a file, both counted from 1; columns count bytes.
struct FilePosition: Hashable, Sendable {
    var line: Int
    var column: Int
}

/// What is wrong with a configuration, in a sentence without a full stop that names the next step.
struct ConfigurationProblem: Error, Hashable, Sendable {
    /// `nil` when it is about the file as a whole.
    var position: FilePosition?
    var message: String

    /// Messages quote what they are about, which may be the whole of a file.
    private static let limitBytes = 600

    init(_ message: String, at position: FilePosition? = nil) {
        self.position = position
        let isWhole = message.utf8.count <= Self.limitBytes
        self.message = isWhole ? message : String(decoding: message.utf8.prefix(Self.limitBytes), as: UTF8.self) + "…"
    }

    /// `agent.yaml:12:3: …`, as compilers and editors have it.
    func line(in file: String) -> String {
        guard let position else { return "\(file): \(message)" }
        return "\(file):\(position.line):\(position.column): \(message)"
    }
}
