/// Reads the part of YAML that configuration is written in, and refuses the rest by name.
///
/// There are block mappings (`key: value`), block sequences (`- item`), plain and quoted scalars on one line, and
/// comments. There are no anchors, tags, flow collections, block scalars or several documents: what they would mean in
/// a file of thirty lines is better said directly. Complete parsers need Foundation or a C library, which an agent this
/// small would mostly consist of.
struct YAMLParser {
    /// Longest file, deepest nesting. Both are far beyond any configuration of an agent.
    static let limitBytes = 256 << 10
    static let limitDepth = 16

    private var lines: [Line] = []
    private var next = 0
    private var depth = 0

    /// A line that says something.
    private struct Line {
        var number: Int
        /// Spaces in front.
        var indent: Int
        /// Without those, and without spaces at the end; comments are still in it.
        var content: ArraySlice<UInt8>

        func position(_ offset: Int = 0) -> FilePosition { FilePosition(line: number, column: indent + offset + 1) }
    }

    /// The file's value; ``YAMLNode/Value/empty`` when it says nothing.
    static func parse(_ bytes: [UInt8]) throws(ConfigurationProblem) -> YAMLNode {
        var parser = try YAMLParser(bytes)
        guard !parser.lines.isEmpty else { return YAMLNode(value: .empty, position: FilePosition(line: 1, column: 1)) }
        let node = try parser.block(parser.lines[0].indent)
        if parser.next < parser.lines.count {
            throw ConfigurationProblem(
                "this line is indented less than the first", at: parser.lines[parser.next].position())
        }
        return node
    }

    private init(_ bytes: [UInt8]) throws(ConfigurationProblem) {
        guard bytes.count <= Self.limitBytes else {
            throw ConfigurationProblem("the file is larger than \(Self.limitBytes >> 10) KiB")
        }
        var number = 0
        for raw in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            var content = raw
            if number == 1 && content.starts(with: [0xEF, 0xBB, 0xBF]) { content = content.dropFirst(3) }
            if String(validating: content, as: UTF8.self) == nil {
                throw ConfigurationProblem("the line is not UTF-8", at: FilePosition(line: number, column: 1))
            }
            while let last = content.last, last == 0x20 || last == 0x09 || last == 0x0D { content.removeLast() }
            let indent = content.prefix { $0 == 0x20 }.count
            content = content.dropFirst(indent)
            guard let first = content.first, first != UInt8(ascii: "#") else { continue }
            let line = Line(number: number, indent: indent, content: content)
            if first == 0x09 { throw ConfigurationProblem("tabs cannot indent; use spaces", at: line.position()) }
            if content.elementsEqual("---".utf8) && lines.isEmpty { continue }
            if indent == 0 && (content.elementsEqual("---".utf8) || content.elementsEqual("...".utf8)) {
                throw ConfigurationProblem("only one document fits in the file", at: line.position())
            }
            if let bad = content.firstIndex(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) {
                throw ConfigurationProblem(
                    "control characters cannot stand here", at: line.position(bad - content.startIndex))
            }
            lines.append(line)
        }
    }

    // MARK: Blocks

    /// The mapping or sequence whose lines are indented by `indent`.
    private mutating func block(_ indent: Int) throws(ConfigurationProblem) -> YAMLNode {
        let first = lines[next]
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.limitDepth else {
            throw ConfigurationProblem("nested more than \(Self.limitDepth) deep", at: first.position())
        }
        let value: YAMLNode.Value =
            Self.isItem(first.content) ? .sequence(try sequence(indent)) : .mapping(try mapping(indent))
        return YAMLNode(value: value, position: first.position())
    }

    private mutating func sequence(_ indent: Int) throws(ConfigurationProblem) -> [YAMLNode] {
        var items: [YAMLNode] = []
        while next < lines.count, lines[next].indent == indent, Self.isItem(lines[next].content) {
            let line = lines[next]
            let rest = line.content.dropFirst()
            let spaces = rest.prefix { $0 == 0x20 }.count
            let item = rest.dropFirst(spaces)
            if item.isEmpty || item.first == UInt8(ascii: "#") {
                next += 1
                items.append(try below(indent, at: line.position(1)))
            } else if Self.isItem(item) || Self.keyEnd(item) != nil {
                // What follows the dash is a block of its own, indented by where it begins.
                lines[next] = Line(number: line.number, indent: indent + 1 + spaces, content: item)
                items.append(try block(indent + 1 + spaces))
            } else {
                next += 1
                items.append(try scalar(item, at: line.position(1 + spaces)))
                try refuseContinuation(indent)
            }
        }
        try refuseOddIndent(indent)
        return items
    }

    private mutating func mapping(_ indent: Int) throws(ConfigurationProblem) -> [YAMLEntry] {
        var entries: [YAMLEntry] = []
        while next < lines.count, lines[next].indent == indent {
            let line = lines[next]
            if Self.isItem(line.content) {
                throw ConfigurationProblem("an item of a list among keys", at: line.position())
            }
            guard let colon = Self.keyEnd(line.content) else {
                // Most likely to be said of something YAML has and we do not.
                _ = try scalar(line.content, at: line.position())
                throw ConfigurationProblem("expected a key and a colon, as in 'interval: 15s'", at: line.position())
            }
            let key = try scalar(line.content[..<colon], at: line.position())
            guard case .scalar(let name) = key.value else {
                throw ConfigurationProblem("a key is missing before the colon", at: line.position())
            }
            if entries.contains(where: { $0.key == name }) {
                throw ConfigurationProblem("'\(name)' is there twice", at: line.position())
            }
            next += 1
            let rest = line.content[(colon + 1)...]
            let spaces = rest.prefix { $0 == 0x20 || $0 == 0x09 }.count
            let text = rest.dropFirst(spaces)
            let position = line.position(text.startIndex - line.content.startIndex)
            let node: YAMLNode
            if text.isEmpty || text.first == UInt8(ascii: "#") {
                node = try below(indent, at: line.position(), allowsItemsBeside: true)
            } else {
                node = try scalar(text, at: position)
                try refuseContinuation(indent)
            }
            entries.append(YAMLEntry(key: name, position: line.position(), node: node))
        }
        try refuseOddIndent(indent)
        return entries
    }

    /// What stands indented below a key or a dash.
    private mutating func below(
        _ indent: Int, at position: FilePosition, allowsItemsBeside: Bool = false
    ) throws(ConfigurationProblem) -> YAMLNode {
        guard next < lines.count else { return YAMLNode(value: .empty, position: position) }
        let following = lines[next]
        if following.indent > indent { return try block(following.indent) }
        // YAML lets the dashes of a list stand right below its key.
        if allowsItemsBeside, following.indent == indent, Self.isItem(following.content) { return try block(indent) }
        return YAMLNode(value: .empty, position: position)
    }

    private func refuseContinuation(_ indent: Int) throws(ConfigurationProblem) {
        guard next < lines.count, lines[next].indent > indent else { return }
        throw ConfigurationProblem(
            "a value must stand on one line, and this line is indented below one", at: lines[next].position())
    }

    private func refuseOddIndent(_ indent: Int) throws(ConfigurationProblem) {
        guard next < lines.count, lines[next].indent > indent else { return }
        throw ConfigurationProblem("this line is indented unlike the ones above it", at: lines[next].position())
    }

    private static func isItem(_ content: ArraySlice<UInt8>) -> Bool {
        content.first == UInt8(ascii: "-") && (content.count == 1 || content[content.startIndex + 1] == 0x20)
    }

    /// Where the colon behind a key is: one that a space or nothing follows, outside of quotes.
    private static func keyEnd(_ content: ArraySlice<UInt8>) -> Int? {
        var index = content.startIndex
        if let quote = content.first, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
            guard let end = content.dropFirst().firstIndex(of: quote) else { return nil }
            index = end + 1
            return index < content.endIndex && content[index] == UInt8(ascii: ":") ? index : nil
        }
        while index < content.endIndex {
            let byte = content[index]
            if byte == UInt8(ascii: "#") && index > content.startIndex && content[index - 1] == 0x20 { return nil }
            if byte == UInt8(ascii: ":"), index + 1 == content.endIndex || content[index + 1] == 0x20 { return index }
            index += 1
        }
        return nil
    }
}
