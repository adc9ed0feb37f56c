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

    init(_ message: String, at position: FilePosition? = nil) {
        self.position = position
        self.message = message
    }

    /// `agent.yaml:12:3: …`, as compilers and editors have it.
    func line(in file: String) -> String {
        guard let position else { return "\(file): \(message)" }
        return "\(file):\(position.line):\(position.column): \(message)"
    }
}
