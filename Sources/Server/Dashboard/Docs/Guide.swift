import Foundation

/// A guide of `docs/`, rendered once.
struct Guide: Sendable {
    let name: String
    let title: String
    let markdown: Markdown

    static let all: [Guide] = EmbeddedFile.guides.map { file in
        let folder = file.name.split(separator: "/").dropLast()
        let markdown = Markdown(file.text) { address($0, in: folder) }
        return Guide(
            name: name(of: file.name), title: markdown.headings.first?.text ?? file.name, markdown: markdown)
    }

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    static func named(_ name: String) -> Guide? { byName[name] }

    private static let paths = Set(EmbeddedFile.guides.map(\.name))

    /// The name of a file's page: one part of an address. A folder's `README` is the page of the folder.
    private static func name(of path: String) -> String {
        var parts = path.split(separator: "/")
        if parts.last == "README", parts.count > 1 { parts.removeLast() }
        return parts.joined(separator: "-")
    }

    /// Where a link of a guide leads here: to another guide, else to the file in the source tree.
    ///
    /// - Parameter folder: where in `docs/` the guide is.
    @Sendable private static func address(_ target: String, in folder: ArraySlice<Substring>) -> String {
        guard !target.contains("://"), !target.hasPrefix("#"), !target.hasPrefix("/") else { return target }
        let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts[0].hasSuffix(".md") else { return source(target) }
        var path = folder
        for part in parts[0].dropLast(3).split(separator: "/") where part != "." {
            if part == ".." { path = path.dropLast() } else { path.append(part) }
        }
        let file = path.joined(separator: "/")
        guard paths.contains(file) else { return source(target) }
        return "/docs/\(name(of: file))" + (parts.count == 2 ? "#\(parts[1])" : "")
    }

    /// Files that are no guides are not on this server: the search says what is known of them, or where they are.
    private static func source(_ target: String) -> String {
        var name = target.split(separator: "/").last ?? ""
        if name.hasSuffix(".md") { name = name.dropLast(3) }
        return "/docs/search?q=" + Link.encoded(String(name))
    }
}

/// What the search looks through: every section of the guides and every operation of the API.
struct DocsIndex: Sendable {
    struct Entry: Sendable {
        var title: String
        var place: String
        var address: String
        var text: String
        fileprivate var folded: String
    }

    struct Hit: Sendable {
        var entry: Entry
        /// Some words around the first find, split so that what was found can be marked.
        var excerpt: (before: String, found: String, after: String)
    }

    private static let mostHits = 30
    private static let longestQuery = 100

    let entries: [Entry]

    init(guides: [Guide], reference: APIReference) {
        let ofGuides = guides.flatMap { guide in
            guide.markdown.sections.map { section in
                Entry(
                    title: section.heading?.text ?? guide.title, place: guide.title,
                    address: "/docs/\(guide.name)" + (section.heading.map { "#\($0.anchor)" } ?? ""), text: section.text
                )
            }
        }
        let ofOperations = reference.operations.map { operation in
            Entry(
                title: "\(operation.method) \(operation.path)", place: "API reference",
                address: "/docs#\(operation.id)",
                text: operation.summary + " " + operation.description)
        }
        entries = ofGuides + ofOperations
    }

    /// Entries in which every word of `query` begins a word; where there are none, those that hold them anywhere. Those with a
    /// word in their title come first.
    func search(_ query: String) -> [Hit] {
        let words = query.prefix(Self.longestQuery).lowercased().split(whereSeparator: \.isWhitespace).prefix(8)
        guard !words.isEmpty else { return [] }
        func entries(_ isFound: (Substring, String) -> Bool) -> [Entry] {
            self.entries.filter { entry in words.allSatisfy { isFound($0, entry.folded) } }
        }
        let exact = entries { Self.beginning($0, in: $1) != nil }
        let found = exact.isEmpty ? entries { $1.contains($0) } : exact
        let ranked = found.map { entry in
            (entry: entry, inTitle: words.count { entry.title.lowercased().contains($0) })
        }.enumerated().sorted { ($1.element.inTitle, $0.offset) < ($0.element.inTitle, $1.offset) }
        return ranked.prefix(Self.mostHits).map {
            Hit(entry: $0.element.entry, excerpt: Self.excerpt($0.element.entry, words[0]))
        }
    }

    /// Where `word` begins a word of `text`.
    private static func beginning(
        _ word: Substring, in text: String, options: String.CompareOptions = []
    ) -> Range<String.Index>? {
        var from = text.startIndex
        while let range = text.range(of: word, options: options, range: from..<text.endIndex) {
            if range.lowerBound == text.startIndex || !text[text.index(before: range.lowerBound)].isLetter {
                return range
            }
            from = range.upperBound
        }
        return nil
    }

    private static func excerpt(_ entry: Entry, _ word: Substring) -> (String, String, String) {
        let text = entry.text
        guard
            let range = beginning(word, in: text, options: .caseInsensitive)
                ?? text.range(of: word, options: .caseInsensitive)
        else {
            return (whole(text.prefix(160), of: text), "", "")
        }
        var before = text[..<range.lowerBound].suffix(80)
        if before.startIndex > text.startIndex { before = before.drop { !$0.isWhitespace } }
        return (String(before), String(text[range]), whole(text[range.upperBound...].prefix(120), of: text))
    }

    /// Without the word that was cut in two at the end.
    private static func whole(_ piece: Substring, of text: String) -> String {
        guard piece.endIndex < text.endIndex, let end = piece.lastIndex(where: \.isWhitespace) else {
            return String(piece)
        }
        return String(piece[..<end]) + " …"
    }
}

extension DocsIndex.Entry {
    init(title: String, place: String, address: String, text: String) {
        self.init(
            title: title, place: place, address: address, text: text,
            folded: (title + " " + text).lowercased())
    }
}
