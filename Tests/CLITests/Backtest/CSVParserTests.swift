import Testing

@testable import CLI

@Suite("CSV parser")
struct CSVParserTests {
    /// Records with the line each begins on, read in pieces of this size.
    private func records(_ bytes: [UInt8], piece: Int = 1 << 16, limits: CSVLimits = CSVLimits()) throws
        -> [(cells: [String], line: Int)]
    {
        var parser = CSVParser(limits: limits)
        var records: [(cells: [String], line: Int)] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            try parser.read(rest.prefix(piece)) { records.append(($0, $1)) }
            rest = rest.dropFirst(piece)
        }
        try parser.finish { records.append(($0, $1)) }
        return records
    }

    static let samples: [(String, [[String]])] = [
        ("", []),
        ("a", [["a"]]),
        ("a,b\nc,d\n", [["a", "b"], ["c", "d"]]),
        ("a,b\r\nc,d", [["a", "b"], ["c", "d"]]),
        ("a\rb\r", [["a"], ["b"]]),
        ("\u{FEFF}a,b\n", [["a", "b"]]),
        ("a,,\n,b,\n", [["a", "", ""], ["", "b", ""]]),
        ("\"a,b\",c\n", [["a,b", "c"]]),
        ("\"say \"\"hi\"\"\",x\n", [["say \"hi\"", "x"]]),
        ("\"two\r\nlines\",x\n", [["two\r\nlines", "x"]]),
        ("\"\"\n", [[""]]),
        ("\n\na\n\n", [["a"]]),
        ("a\"b,c\n", [["a\"b", "c"]]),
        ("é,日本\n", [["é", "日本"]]),
        ("a,b\n1", [["a", "b"], ["1"]]),
    ]

    @Test("Texts are read as RFC 4180 has it, in pieces of any size", arguments: samples.indices, [1, 2, 3, 1000])
    func texts(_ index: Int, _ piece: Int) throws {
        let (text, expected) = Self.samples[index]
        #expect(try records(Array(text.utf8), piece: piece).map(\.cells) == expected)
    }

    @Test("Lines are counted as an editor counts them")
    func lines() throws {
        let text = "a\r\n\"b\nc\nd\"\n\ne\n"
        #expect(try records(Array(text.utf8)).map(\.line) == [1, 2, 6])
    }

    @Test(
        "What is no table is refused with its line",
        arguments: [
            ("a\n\"b\nc", 2, "never closed"), ("a\n\"b\"c\n", 2, "follows a closing quote"),
            ("a\nb\u{0}\n", 2, "NUL"), ("a\nlonger than eight\n", 2, "longer than 8 bytes"),
            ("a\n1,2,3,4\n", 2, "more than 3 cells"),
        ])
    func refused(_ text: String, _ line: Int, _ words: String) throws {
        let error = #expect(throws: CSVError.self) {
            try records(Array(text.utf8), limits: CSVLimits(recordBytes: 8, columns: 3))
        }
        #expect(error?.line == line)
        #expect(try #require(error).description.contains(words))
    }

    @Test("Half a byte order mark, and bytes that are no UTF-8, do no harm")
    func bytes() throws {
        #expect(throws: CSVError.self) { try records([0xEF, 0xBB, UInt8(ascii: "a")]) }
        #expect(try records([UInt8(ascii: "a"), 0xFF, 0xFE]).map(\.cells) == [["a\u{FFFD}\u{FFFD}"]])
    }

    @Test("No sequence of bytes makes the parser stop or hold more than its limits")
    func noise() {
        var generator = Noise(state: 42)
        let alphabet = Array("ab,\"\r\n \u{0}".utf8) + [0xEF, 0xBB, 0xBF, 0xFF]
        for _ in 0..<2000 {
            let bytes = (0..<40).map { _ in alphabet[Int(generator.next() % UInt64(alphabet.count))] }
            let read = try? records(bytes, limits: CSVLimits(recordBytes: 20, columns: 4))
            for record in read ?? [] {
                #expect(record.cells.count <= 4)
                #expect(record.line >= 1 && record.line <= 41)
            }
        }
    }

    /// A linear congruential generator (Knuth's MMIX): chance that is the same in every run.
    private struct Noise {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 33
        }
    }
}
