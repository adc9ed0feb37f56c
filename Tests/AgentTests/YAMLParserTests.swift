import Testing

@testable import Agent

@Suite struct YAMLParserTests {
    /// A node in a form that can be compared at a glance: `{key: [a, b]}`, `~` for nothing.
    private func shape(_ node: YAMLNode) -> String {
        switch node.value {
        case .empty: "~"
        case .scalar(let text): text
        case .sequence(let items): "[" + items.map(shape).joined(separator: ", ") + "]"
        case .mapping(let entries):
            "{" + entries.map { "\($0.key): \(shape($0.node))" }.joined(separator: ", ") + "}"
        }
    }

    private func parse(_ text: String) throws -> YAMLNode { try YAMLParser.parse(Array(text.utf8)) }

    @Test(
        "Mappings, lists, scalars and comments are read",
        arguments: [
            ("", "~"), ("# nothing\n\n", "~"), ("---\na: b\n", "{a: b}"), ("\u{FEFF}a: b", "{a: b}"),
            ("a: b # why\nc:\n", "{a: b, c: ~}"), ("a:\n  b:\n    c: d\n  e: f\n", "{a: {b: {c: d}, e: f}}"),
            ("a:\n  - b\n  - c\n", "{a: [b, c]}"), ("a:\n- b\n- c\nd: e\n", "{a: [b, c], d: e}"),
            ("- a: b\n  c: d\n- e: f\n", "[{a: b, c: d}, {e: f}]"),
            ("-\n  a: b\n- # comment\n  - c\n", "[{a: b}, [c]]"),
            ("- - a\n  - b\n- c\n", "[[a, b], c]"),
            ("a: 'it''s'\nb: \"x\\ty\\\"\\\\\\n\"\n", "{a: it's, b: x\ty\"\\\n}"),
            ("\"a b\": c\r\n'd': e\r\n", "{a b: c, d: e}"), ("a: b#c\nd: http://e:1/f\n", "{a: b#c, d: http://e:1/f}"),
            ("a: \"# no\" # yes\n", "{a: # no}"), ("a: ~\nb: null\nc: ''\n", "{a: ~, b: ~, c: }"),
            ("a: -1\nb: - c\n", "{a: -1, b: - c}"), ("  a: b\n  c: d\n", "{a: b, c: d}"), ("ä: ö", "{ä: ö}"),
            ("a: [::1]:9102", nil), ("a: '[::1]:9102'", "{a: [::1]:9102}"),
        ] as [(String, String?)])
    func accepted(text: String, expected: String?) {
        #expect((try? parse(text)).map(shape) == expected)
    }

    @Test(
        "What is not understood is refused where it stands, and the way out is named",
        arguments: [
            ("a: [b, c]", 1, 4, "one item per line"), ("a:\n  - {b: c}", 2, 5, "in brackets"),
            ("{a: b}", 1, 1, "in brackets"),
            ("a: |\n  b", 1, 4, "several lines"), ("a: >-\n  b", 1, 4, "several lines"), ("a: &x b", 1, 4, "anchors"),
            ("a: *x", 1, 4, "anchors"), ("<<: *x", 1, 5, "anchors"), ("a: !!str b", 1, 4, "tags"),
            ("? a\n: b", 1, 1, "'?'"),
            ("%YAML 1.2", 1, 1, "quotes"), ("a: b\n---\nc: d\n", 2, 1, "one document"),
            ("a: b\n...\n", 2, 1, "one document"),
            ("a:\n\tb: c", 2, 1, "tabs"), ("a: b\na: c\n", 2, 1, "'a' is there twice"),
            ("a: b\n  c: d\n", 2, 3, "one line"),
            ("a:\n  b: c\n d: e\n", 3, 2, "indented"), ("a: b\nc\n", 2, 1, "a key and a colon"),
            ("a: b: c\n", 1, 5, "needs quotes"),
            ("- a\nb: c\n", 2, 1, "indented less"), ("a: b\n- c\n", 2, 1, "among keys"),
            ("a: 'b\n", 1, 4, "does not end"),
            ("a: \"b\" c\n", 1, 7, "closing quote"), ("a: \"\\x41\"", 1, 5, "escapes"),
            ("a: b\u{01}\n", 1, 5, "control"),
            (": a\n", 1, 1, "a key is missing"), ("    a: b\n  c: d\n", 2, 3, "indented less"),
            ("a: @b", 1, 4, "quotes"),
            ("- a\n   b\n", 2, 4, "one line"), ("'a': 'b'c", 1, 9, "closing quote"), ("'a", 1, 1, "does not end"),
        ])
    func refused(text: String, line: Int, column: Int, message: String) throws {
        let problem = #expect(throws: ConfigurationProblem.self) { try parse(text) }
        #expect(problem?.position == FilePosition(line: line, column: column))
        #expect(problem?.message.contains(message) == true, "\(problem?.message ?? "")")
    }

    @Test("Depth, size and bytes are bounded")
    func bounds() throws {
        let deep = (0..<40).map { String(repeating: " ", count: $0) + "a:" }.joined(separator: "\n")
        #expect(throws: ConfigurationProblem.self) { try parse(deep) }
        let dashes = String(repeating: "- ", count: 5000) + "a"
        #expect(throws: ConfigurationProblem.self) { try parse(dashes) }
        let long = String(repeating: "#", count: YAMLParser.limitBytes + 1)
        #expect(throws: ConfigurationProblem("the file is larger than 256 KiB")) { try parse(long) }
        #expect(throws: ConfigurationProblem("the line is not UTF-8", at: FilePosition(line: 2, column: 1))) {
            try YAMLParser.parse([0x61, 0x3A, 0x0A, 0xFF])
        }
    }

    @Test("Whatever is cut off or changed in a file, reading it ends with a value or a sentence")
    func mutations() throws {
        let text = Array("a: 'b' # c\nd:\n  - \"e\\n\"\n  - f: g\n    h: i\nj:\n- k\n".utf8)
        var outcomes: Set<Bool> = []
        for index in text.indices {
            outcomes.insert((try? YAMLParser.parse(Array(text[..<index]))) != nil)
            for byte in [0x00, 0x09, 0x0A, 0x20, 0x22, 0x23, 0x27, 0x2D, 0x3A, 0x5C, 0x7C, 0xC3, 0xFF] as [UInt8] {
                var changed = text
                changed[index] = byte
                outcomes.insert((try? YAMLParser.parse(changed)) != nil)
            }
        }
        #expect(outcomes == [true, false])
    }
}
