import FoundationEssentials

/// A file a report is written to.
struct OutputFile {
    var path: String

    func write(_ text: String) throws {
        do {
            try Data(text.utf8).write(to: URL(filePath: path))
        } catch {
            throw Unwritable(path: path)
        }
    }

    struct Unwritable: Error, CustomStringConvertible {
        var path: String
        var description: String { "Cannot write \(path): its folder is missing, or may not be written to." }
    }
}
