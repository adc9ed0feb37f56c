/// A file that is no table of builds.
struct UnreadableCSV: Error, Hashable, CustomStringConvertible {
    var path: String
    var reason: String
    var description: String { "Cannot read \(path): \(reason)." }
}
