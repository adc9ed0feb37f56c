import Testing

@testable import Contract

@Suite("JSON is checked before a decoder sees it")
struct JSONSyntaxTests {
    @Test(
        "Valid texts are taken",
        arguments: [
            "{}", "[]", "0", "-0.5e-3", "true", "null", #""""#, " [1, 2 ,3]\n", #"{"a":{"b":[{},[],"\u00e9\n"]}}"#,
            "1e308", "123456789012345678901234567890", #"{"a":1,"a":2}"#, "\"\u{7F}é🙂\"",
        ])
    func valid(_ text: String) throws {
        try JSONSyntax.check(Array(text.utf8))
    }

    @Test(
        "Invalid texts are refused where they go wrong",
        arguments: [
            ("", 1, 1), (" ", 1, 2), ("{", 1, 2), ("[1,]", 1, 4), ("{\"a\"}", 1, 5), ("{\"a\":1,}", 1, 8),
            ("{a:1}", 1, 2), ("[1 2]", 1, 4), ("01", 1, 2), ("-", 1, 2), ("1.", 1, 3), ("1e", 1, 3), ("+1", 1, 1),
            ("tru", 1, 1), ("nulL", 1, 1), ("\"a", 1, 3), ("\"\\x\"", 1, 3), ("\"\\u12g4\"", 1, 6), ("\"a\nb\"", 1, 3),
            ("[\n\n  1,\n  x]", 4, 3), ("{}}", 1, 3), ("'a'", 1, 1), ("1e999", 1, 6), ("[1}", 1, 3),
        ])
    func invalid(_ text: String, line: Int, column: Int) {
        let violation = #expect(throws: JSONSyntax.Violation.self) { try JSONSyntax.check(Array(text.utf8)) }
        #expect(violation?.line == line)
        #expect(violation?.column == column, "\(violation?.description ?? "")")
    }

    @Test("Nesting is taken to 64 levels and no further")
    func nesting() throws {
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        try JSONSyntax.check(nested(64))
        #expect(throws: JSONSyntax.Violation.self) { try JSONSyntax.check(nested(66)) }
    }
}
