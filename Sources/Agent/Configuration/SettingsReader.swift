/// Takes values out of a mapping, and collects what is wrong instead of stopping at the first.
final class SettingsReader {
    private(set) var problems: [ConfigurationProblem] = []
    /// Those that came when there were ``mostProblems`` already.
    private(set) var furtherProblems = 0

    /// More than that nobody reads, and a file that is something else altogether has one on each line.
    static let mostProblems = 50

    /// All there were, named or not.
    var complaintCount: Int { problems.count + furtherProblems }

    func complain(_ message: String, at position: FilePosition) {
        guard problems.count < Self.mostProblems else {
            furtherProblems += 1
            return
        }
        problems.append(ConfigurationProblem(message, at: position))
    }

    /// Calls the reader of each key that is there. A key that is not known is a problem that names the nearest one.
    func read(_ node: YAMLNode, of place: String, _ readers: KeyValuePairs<String, (YAMLNode) -> Void>) {
        switch node.value {
        case .empty: return
        case .mapping(let entries):
            for entry in entries {
                if let reader = readers.first(where: { $0.key == entry.key }) {
                    reader.value(entry.node)
                    continue
                }
                let nearest = Self.nearest(entry.key, in: readers.map(\.key))
                let advice = nearest.map { "did you mean '\($0)'?" } ?? "there are \(Self.list(readers.map(\.key)))"
                complain("\(place) has no '\(entry.key)'; \(advice)", at: entry.position)
            }
        case .scalar, .sequence:
            complain("\(place) takes keys: \(Self.list(readers.map(\.key)))", at: node.position)
        }
    }

    /// The text of a scalar; `nil`, and a problem, for anything else.
    func text(_ node: YAMLNode, of key: String) -> String? {
        guard case .scalar(let text) = node.value, !text.isEmpty else {
            complain("'\(key)' needs a value on its line", at: node.position)
            return nil
        }
        return text
    }

    /// The items of a list of scalars; one scalar alone is a list of one.
    func texts(_ node: YAMLNode, of key: String) -> [(text: String, position: FilePosition)] {
        switch node.value {
        case .empty: return []
        case .scalar(let text): return [(text, node.position)]
        case .sequence(let items):
            return items.compactMap { item in text(item, of: key).map { ($0, item.position) } }
        case .mapping:
            complain("'\(key)' takes a list, one '- item' on each line", at: node.position)
            return []
        }
    }

    func flag(_ node: YAMLNode, of key: String) -> Bool? {
        switch text(node, of: key) {
        case nil: return nil
        case "true": return true
        case "false": return false
        case let other?:
            complain("'\(key)' takes true or false, not '\(other)'", at: node.position)
            return nil
        }
    }

    func whole(_ node: YAMLNode, of key: String, in range: ClosedRange<Int>) -> Int? {
        guard let text = text(node, of: key) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            complain(
                "'\(key)' takes a whole number from \(range.lowerBound) to \(range.upperBound), not '\(text)'",
                at: node.position)
            return nil
        }
        return number
    }

    /// Takes a value in through `parse`, which throws a sentence about what is wrong.
    func value<Value>(
        _ node: YAMLNode, of key: String, _ parse: (String) throws(ConfigurationProblem) -> Value
    ) -> Value? {
        guard let text = text(node, of: key) else { return nil }
        do throws(ConfigurationProblem) {
            return try parse(text)
        } catch {
            complain("'\(key)' \(error.message)", at: node.position)
            return nil
        }
    }

    /// The text of an address that can be posted to.
    func address(_ node: YAMLNode, of key: String) -> String? {
        guard let text = text(node, of: key) else { return nil }
        do throws(ServerAddress.Invalid) {
            _ = try ServerAddress(text)
            return text
        } catch {
            complain("'\(key)': \(error.description)", at: node.position)
            return nil
        }
    }

    static func list(_ keys: [String]) -> String { keys.joined(separator: ", ") }

    /// The key that `name` was most likely meant to be; `nil` when none is near.
    static func nearest(_ name: String, in keys: [String]) -> String? {
        let name = Array(name.utf8.prefix(64))
        let ranked = keys.map { (key: $0, distance: distance(name, Array($0.utf8))) }
        guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= max(1, min(name.count, best.key.utf8.count) / 3) ? best.key : nil
    }

    /// How many bytes must be added, dropped or changed to make one of the other.
    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var row = Array(0...b.count)
        for (i, left) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, right) in b.enumerated() {
                let changed = diagonal + (left == right ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(changed, diagonal + 1, row[j] + 1)
            }
        }
        return row[b.count]
    }
}
