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

    /// Files that are no guides are not on this server: the page says where they are.
    private static func source(_ target: String) -> String {
        "/docs/search?q=" + Link.encoded(String(target.split(separator: "/").last ?? ""))
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

    /// Entries that hold every word of `query`; those with a word in their title come first.
    func search(_ query: String) -> [Hit] {
        let words = query.prefix(Self.longestQuery).lowercased().split(whereSeparator: \.isWhitespace).prefix(8)
        guard !words.isEmpty else { return [] }
        let found = entries.filter { entry in words.allSatisfy { entry.folded.contains($0) } }
        let ranked = found.map { entry in
            (entry: entry, inTitle: words.count { entry.title.lowercased().contains($0) })
        }.enumerated().sorted { ($1.element.inTitle, $0.offset) < ($0.element.inTitle, $1.offset) }
        return ranked.prefix(Self.mostHits).map {
            Hit(entry: $0.element.entry, excerpt: Self.excerpt($0.element.entry, words[0]))
        }
    }

    private static func excerpt(_ entry: Entry, _ word: Substring) -> (String, String, String) {
        let text = entry.text
        guard let range = text.range(of: word, options: .caseInsensitive) else {
            return (String(text.prefix(160)), "", "")
        }
        let before = text[..<range.lowerBound].suffix(80)
        return (String(before), String(text[range]), String(text[range.upperBound...].prefix(120)))
    }
}

extension DocsIndex.Entry {
    init(title: String, place: String, address: String, text: String) {
        self.init(
            title: title, place: place, address: address, text: text,
            folded: (title + " " + text).lowercased())
    }
}
