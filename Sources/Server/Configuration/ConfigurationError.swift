/// A value or flag the server cannot start with; the text is one line and names the key.
struct ConfigurationError: Error, Hashable, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }

    init(key: String, _ problem: String) { description = "\(key) \(problem)" }
}
