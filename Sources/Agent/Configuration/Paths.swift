/// Paths as they are written in configuration.
enum Paths {
    /// One that begins with a slash, without one at its end.
    static func absolute(_ text: String) throws(ConfigurationProblem) -> String {
        guard text.hasPrefix("/") else {
            throw ConfigurationProblem("takes a path that begins with '/', not '\(text)'")
        }
        var path = text
        while path.utf8.count > 1 && path.hasSuffix("/") { path.removeLast() }
        return path
    }

    /// A file to write to; `nil` for the standard output, whatever it is called.
    static func output(_ text: String) -> String? {
        ["stdout", "-", "/dev/stdout", "/dev/fd/1"].contains(text) ? nil : text
    }
}
