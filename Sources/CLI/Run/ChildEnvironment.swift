/// The environment of the command: ours, byte for byte and in its order, with a few variables set.
struct ChildEnvironment: Sendable {
    private(set) var entries: [[UInt8]]

    init(_ rawEnvironment: [[UInt8]]) { entries = rawEnvironment }

    mutating func set(_ name: String, _ value: String) {
        let prefix = Array("\(name)=".utf8)
        // NUL would end the entry early, and a name cannot hold "=".
        guard !value.utf8.contains(0), !name.isEmpty, !name.contains("=" as Character) else { return }
        let entry = prefix + Array(value.utf8)
        if let index = entries.firstIndex(where: { $0.starts(with: prefix) }) {
            entries[index] = entry
        } else {
            entries.append(entry)
        }
    }
}
