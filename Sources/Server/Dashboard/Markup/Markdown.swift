/// The Markdown that the guides in `docs/` are written in, as a page.
///
/// Headings, paragraphs, lists (two levels), tables, fenced code, quotes; in a line code, strong, emphasis and links. It is for
/// our own files, which are part of the program: what it does not know stays text, and every text is escaped.
struct Markdown: Sendable {
    struct Heading: Hashable, Sendable {
        var level: Int
        var text: String
        var anchor: String
    }

    private(set) var html: HTML = ""
    private(set) var headings: [Heading] = []
    /// The text under each heading, without markup, for the search. The first is what comes before any.
    private(set) var sections: [(heading: Heading?, text: String)] = [(nil, "")]

    private var lines: ArraySlice<Substring>
    private let link: @Sendable (String) -> String

    /// - Parameter link: makes of the target of a link what it is on this server.
    init(_ text: String, link: @escaping @Sendable (String) -> String = { $0 }) {
        self.link = link
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
        var pieces: [HTML] = []
        while let line = lines.first {
            if line.allSatisfy(\.isWhitespace) {
                lines.removeFirst()
            } else {
                pieces.append(block())
            }
        }
        html = pieces.joined(separator: "\n")
    }

    private mutating func block() -> HTML {
        let line = lines[lines.startIndex]
        if line.hasPrefix("```") { return code() }
        if let level = Self.headingLevel(line) { return heading(level) }
        if line.hasPrefix("|") { return table() }
        if Self.item(line) != nil { return list() }
        if line.hasPrefix(">") { return quote() }
        return paragraph()
    }

    private mutating func code() -> HTML {
        lines.removeFirst()
        var content: [Substring] = []
        while let line = lines.first, !line.hasPrefix("```") {
            content.append(line)
            lines.removeFirst()
        }
        lines = lines.dropFirst()
        let text = content.joined(separator: "\n")
        note(text)
        return "<pre tabindex=\"0\"><code>\(text)</code></pre>"
    }

    private static func headingLevel(_ line: Substring) -> Int? {
        let marks = line.prefix { $0 == "#" }.count
        return (1...6).contains(marks) && line.dropFirst(marks).first == " " ? marks : nil
    }

    private mutating func heading(_ level: Int) -> HTML {
        let text = Self.trimmed(lines.removeFirst().dropFirst(level))
        let plain = text.filter { $0 != "`" && $0 != "*" }
        var anchor = Self.anchor(plain)
        let alike = headings.count { $0.anchor == anchor || $0.anchor.hasPrefix(anchor + "-") }
        if alike > 0 { anchor += "-\(alike)" }
        let heading = Heading(level: level, text: plain, anchor: anchor)
        headings.append(heading)
        sections.append((heading, ""))
        let name = HTML(trusted: "h\(level)")
        return "<\(name) id=\"\(anchor)\">\(inline(text))</\(name)>"
    }

    /// As well-known renderers make them: lower case, spaces to dashes, the rest left out.
    static func anchor(_ text: String) -> String {
        String(
            text.lowercased().compactMap { character -> Character? in
                if character == " " { return "-" }
                return character.isLetter || character.isNumber || character == "-" || character == "_"
                    ? character : nil
            })
    }

    private mutating func table() -> HTML {
        var rows: [[HTML]] = []
        var heads: [String] = []
        while let line = lines.first, line.hasPrefix("|") {
            let cells = Self.cells(line)
            lines.removeFirst()
            if heads.isEmpty && rows.isEmpty {
                heads = cells
            } else if !cells.allSatisfy({ $0.allSatisfy { "-: ".contains($0) } }) {
                note(cells.joined(separator: " "))
                rows.append(cells.map { inline($0) })
            }
        }
        // A heading row of empty cells is how Markdown writes a table without one.
        let head: [HTML] = heads.map { $0.isEmpty ? "<td></td>" : "<th scope=\"col\">\(inline($0))</th>" }
        let body: [HTML] = rows.map { row in
            let cells: [HTML] = row.enumerated().map { $0 == 0 ? "<th scope=\"row\">\($1)</th>" : "<td>\($1)</td>" }
            return "<tr>\(cells)</tr>"
        }
        let hasHead = heads.contains { !$0.isEmpty }
        return """
            <div class="scroll" tabindex="0" role="region" aria-label="Table: \(heads.joined(separator: " ").isEmpty ? "overview" : heads.joined(separator: ", "))">\
            <table>\(hasHead ? "<thead><tr>\(head)</tr></thead>" as HTML : nil)<tbody>\(body)</tbody></table></div>
            """
    }

    /// A bar inside code, or after a backslash, divides no cells.
    private static func cells(_ line: Substring) -> [String] {
        var cells: [String] = []
        var cell = ""
        var (isCode, isEscaped) = (false, false)
        for character in line.drop(while: { $0 == " " }).dropFirst() {
            switch character {
            case "|" where !isEscaped && !isCode:
                cells.append(trimmed(cell[...]))
                cell = ""
            case "|" where isEscaped:
                cell.removeLast()
                cell.append(character)
            case "`":
                isCode.toggle()
                cell.append(character)
            default: cell.append(character)
            }
            isEscaped = character == "\\"
        }
        return cells
    }

    /// The text of a list item, and how far it is moved in.
    private static func item(_ line: Substring) -> (indent: Int, isNumbered: Bool, text: Substring)? {
        let indent = line.prefix { $0 == " " }.count
        let rest = line.dropFirst(indent)
        if rest.hasPrefix("- ") || rest.hasPrefix("* ") { return (indent, false, rest.dropFirst(2)) }
        let digits = rest.prefix { $0.isNumber }
        guard !digits.isEmpty, digits.count < 4, rest.dropFirst(digits.count).hasPrefix(". ") else { return nil }
        return (indent, true, rest.dropFirst(digits.count + 2))
    }

    private mutating func list() -> HTML {
        guard let line = lines.first, let first = Self.item(line) else { return "" }
        var items: [HTML] = []
        var text = ""
        var inner: HTML?
        func close(_ text: inout String, _ inner: inout HTML?) -> HTML? {
            defer { (text, inner) = ("", nil) }
            return text.isEmpty ? nil : "<li>\(inline(text))\(inner)</li>"
        }
        while let line = lines.first {
            if let item = Self.item(line) {
                if item.indent < first.indent { break }
                if item.indent > first.indent {
                    inner = list()
                    continue
                }
                if let done = close(&text, &inner) { items.append(done) }
                text = String(item.text)
                note(text)
            } else if line.first == " ", !line.allSatisfy(\.isWhitespace) {
                text += " " + Self.trimmed(line)
                note(Self.trimmed(line))
            } else if line.hasPrefix("```") || line.allSatisfy(\.isWhitespace) || Self.headingLevel(line) != nil {
                break
            } else {
                text += " " + Self.trimmed(line)
                note(Self.trimmed(line))
            }
            lines.removeFirst()
        }
        if let done = close(&text, &inner) { items.append(done) }
        return first.isNumbered ? "<ol>\(items)</ol>" : "<ul>\(items)</ul>"
    }

    private mutating func quote() -> HTML {
        var text = ""
        while let line = lines.first, line.hasPrefix(">") {
            text += " " + Self.trimmed(line.dropFirst())
            lines.removeFirst()
        }
        note(text)
        return "<blockquote><p>\(inline(Self.trimmed(text[...])))</p></blockquote>"
    }

    private mutating func paragraph() -> HTML {
        var text = ""
        while let line = lines.first, !line.allSatisfy(\.isWhitespace), !line.hasPrefix("```"), !line.hasPrefix("|"),
            Self.headingLevel(line) == nil, text.isEmpty || Self.item(line) == nil
        {
            text += (text.isEmpty ? "" : " ") + Self.trimmed(line)
            lines.removeFirst()
        }
        note(text)
        return "<p>\(inline(text))</p>"
    }

    /// What a search looks through: without marks, and of a link what is read of it.
    private mutating func note(_ text: String) {
        var plain = ""
        var rest = text[...]
        while let first = rest.first {
            if first == "[", let found = Self.linkParts(rest) {
                plain += found.text
                rest = found.rest
            } else {
                plain.append(first)
                rest = rest.dropFirst()
            }
        }
        sections[sections.count - 1].text += " " + plain.filter { $0 != "`" && $0 != "*" }
    }

    private static func trimmed(_ text: Substring) -> String {
        let start = text.drop(while: \.isWhitespace)
        return String(start.reversed().drop(while: \.isWhitespace).reversed())
    }
}

// MARK: - Within a line

extension Markdown {
    private func inline(_ text: String) -> HTML {
        var pieces: [HTML] = []
        var plain = ""
        var rest = text[...]
        func flush() {
            if !plain.isEmpty { pieces.append("\(plain)") }
            plain = ""
        }
        while let first = rest.first {
            if first == "`", let end = rest.dropFirst().firstIndex(of: "`") {
                flush()
                pieces.append("<code>\(rest[rest.index(after: rest.startIndex)..<end])</code>")
                rest = rest[rest.index(after: end)...]
            } else if rest.hasPrefix("**"), let end = rest.dropFirst(2).range(of: "**") {
                flush()
                pieces.append("<strong>\(inline(String(rest.dropFirst(2)[..<end.lowerBound])))</strong>")
                rest = rest[end.upperBound...]
            } else if first == "*", rest.dropFirst().first?.isWhitespace == false,
                let end = rest.dropFirst().firstIndex(of: "*")
            {
                flush()
                pieces.append("<em>\(inline(String(rest[rest.index(after: rest.startIndex)..<end])))</em>")
                rest = rest[rest.index(after: end)...]
            } else if first == "<", let end = rest.firstIndex(of: ">"), rest.dropFirst().hasPrefix("http") {
                flush()
                let target = rest[rest.index(after: rest.startIndex)..<end]
                pieces.append("<a href=\"\(target)\">\(target)</a>")
                rest = rest[rest.index(after: end)...]
            } else if first == "[", let found = Self.linkParts(rest) {
                flush()
                pieces.append("<a href=\"\(link(found.target))\">\(inline(found.text))</a>")
                rest = found.rest
            } else {
                plain.append(first)
                rest = rest.dropFirst()
            }
        }
        flush()
        return pieces.joined()
    }

    /// `[text](target)` at the beginning of `text`. A script is no target.
    private static func linkParts(_ text: Substring) -> (text: String, target: String, rest: Substring)? {
        guard let close = text.firstIndex(of: "]"), text[close...].hasPrefix("](") else { return nil }
        let after = text[text.index(close, offsetBy: 2)...]
        guard let end = after.firstIndex(of: ")") else { return nil }
        let target = String(after[..<end])
        let scheme = target.prefix { $0 != ":" && $0 != "/" && $0 != "#" }
        let isSafe = !target.contains(":") || scheme == "https" || scheme == "http" || target.hasPrefix("#")
        return isSafe
            ? (String(text[text.index(after: text.startIndex)..<close]), target, after[after.index(after: end)...])
            : nil
    }
}
