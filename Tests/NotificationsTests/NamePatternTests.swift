import Testing

@testable import Notifications

@Suite("Patterns for names")
struct NamePatternTests {
    @Test(
        "A star stands for any characters, a question mark for one",
        arguments: [
            ("*", "", true), ("*", "shop/cart", true), ("shop/*", "shop/cart", true), ("shop/*", "shop/", true),
            ("shop/*", "workshop/cart", false), ("*/cart", "shop/cart", true), ("*/cart", "shop/carts", false),
            ("s*p/?art", "shop/cart", true), ("s*p/?art", "shop/art", false), ("", "", true), ("", "x", false),
            ("a*b*c", "aXbYbZc", true), ("a*b*c", "aXcYb", false), ("[a]", "a", false), ("ü?", "üö", true),
            ("a.c", "abc", false), ("**", "anything", true),
        ])
    func matching(_ pattern: String, _ name: String, _ matches: Bool) {
        #expect(NamePattern(pattern).matches(name) == matches)
    }

    @Test("A hostile pattern takes no more than the product of the lengths")
    func hostilePattern() {
        let pattern = NamePattern(String(repeating: "*a", count: 500) + "b")
        #expect(pattern.matches(String(repeating: "a", count: 1024)) == false)
    }
}
