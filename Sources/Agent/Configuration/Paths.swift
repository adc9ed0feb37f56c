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
}
