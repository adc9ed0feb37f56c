import Builds
import Testing

@testable import Server

@Suite("HTML")
struct HTMLTests {
    static let hostile = "<script>alert(\"1\")</script> & 'so' on"

    @Test("What is put into a page is text, inside elements and inside attributes")
    func escaping() {
        let page: HTML = "<p title=\"\(Self.hostile)\">\(Self.hostile)</p>"
        let escaped = "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;so&#39; on"
        #expect(page.text == "<p title=\"\(escaped)\">\(escaped)</p>")
    }

    @Test("Markup goes in as it is, lists one after the other, and nothing for nil")
    func markup() {
        let item: HTML = "<li>\("a&b")</li>"
        let none: HTML? = nil
        let list: HTML = "<ul>\([item, item])\(none)\(3)</ul>"
        #expect(list.text == "<ul><li>a&amp;b</li><li>a&amp;b</li>3</ul>")
    }

    @Test(
        "Places in a picture have a tenth at most, whatever the number is",
        arguments: [(1.0, "1"), (2.25, "2.3"), (-0.04, "0"), (-3.5, "-3.5"), (.nan, "0"), (.infinity, "0")])
    func places(_ place: Double, _ text: String) {
        #expect(("\(at: place)" as HTML).text == text)
    }

    @Test("A link holds any name, and no name leads out of its parameter")
    func links() {
        let link = Link.pipeline("a/b?c&d=\"e\" <f> ü")
        #expect(link.text == "/ui/pipeline?name=a%2Fb%3Fc%26d%3D%22e%22%20%3Cf%3E%20%C3%BC")
        #expect(FormFields(encoded: String(link.text.drop { $0 != "?" }.dropFirst()))["name"] == "a/b?c&d=\"e\" <f> ü")
    }

    @Test("Fields of a form come back as they were typed, missing and empty ones as none")
    func fields() {
        let form = FormFields(encoded: "a=1+2%2B3&b=&c&d=x&d=y&%zz=%zz&=&&")
        #expect(form["a"] == "1 2+3" && form["b"] == nil && form["c"] == nil && form["e"] == nil)
        #expect(form.all("d") == ["x", "y"])
        #expect(form["%zz"] == "%zz")
    }

    @Test(
        "Figures are as people read them",
        arguments: [
            (Figures.memory(gib: 0.25), "256 MiB"), (Figures.memory(gib: 1.25), "1.3 GiB"),
            (Figures.memory(gib: .nan), "–"),
            (Figures.duration(0.04), "0 s"), (Figures.duration(90), "90 s"), (Figures.duration(125), "2 min 5 s"),
            (Figures.duration(7200), "2 h"), (Figures.duration(-1), "–"), (Figures.duration(.infinity), "–"),
            (Figures.percent(0.0123), "1.2 %"), (Figures.percent(0.25), "25 %"),
            (Figures.percent(0.0001), "less than 0.1 %"),
            (Figures.dollars(1234.5), "$1,235"), (Figures.dollars(0.0345), "$0.035"), (Figures.dollars(-0.5), "-$0.50"),
            (Figures.dollars(1e300), "$–"), (Figures.count(Int64(1_234_567)), "1,234,567"),
            (Figures.count(Int64(1), "run"), "1 run"),
            (Figures.change(from: 2, to: 3), "+50 %"), (Figures.change(from: 0, to: 3), "new"),
            (Figures.change(from: 0, to: 0), "no change"),
            (Figures.change(from: 1, to: 1.001), "no change"), (Figures.rounded(2.50, decimals: 2), "2.5"),
        ])
    func figures(_ told: String, _ expected: String) {
        #expect(told == expected)
    }
}

@Suite("Markdown of the guides")
struct MarkdownTests {
    @Test(
        "Each kind of block and each mark within a line",
        arguments: [
            ("# A `b`", "<h1 id=\"a-b\">A <code>b</code></h1>"),
            ("one\ntwo **three** *four*", "<p>one two <strong>three</strong> <em>four</em></p>"),
            ("- a\n  more\n- b\n  - c", "<ul><li>a more</li><li>b<ul><li>c</li></ul></li></ul>"),
            ("1. a\n2. b", "<ol><li>a</li><li>b</li></ol>"), ("> a\n> b", "<blockquote><p>a b</p></blockquote>"),
            ("```sh\na < b\n```", "<pre tabindex=\"0\"><code>a &lt; b</code></pre>"),
            ("[a](https://x.example/y)", "<p><a href=\"https://x.example/y\">a</a></p>"),
            ("2 * 3 * 4", "<p>2 * 3 * 4</p>"), ("a `*b*` c", "<p>a <code>*b*</code> c</p>"),
        ])
    func blocks(_ text: String, _ html: String) {
        #expect(Markdown(text).html.text == html)
    }

    @Test("A table has headings of columns and of rows, and bars in code divide nothing")
    func table() {
        let html = Markdown("| a | b |\n| --- | --- |\n| `x|y` | 2 |").html.text
        #expect(html.contains("<thead><tr><th scope=\"col\">a</th><th scope=\"col\">b</th></tr></thead>"))
        #expect(html.contains("<tr><th scope=\"row\"><code>x|y</code></th><td>2</td></tr>"))
    }

    @Test(
        "Markup, scripts and what is not closed stay text",
        arguments: [
            "<script>alert(1)</script>", "[x](javascript:alert(1))", "[x](data:text/html,a)", "`a", "**a", "[a](b",
            "```",
            "|", "- ", "#", "<https:", "1.", "\\|", "| `a |",
        ])
    func hostile(_ text: String) {
        let html = Markdown(text).html.text
        #expect(!html.contains("<script") && !html.contains("href=\"javascript") && !html.contains("href=\"data"))
    }

    @Test("Headings of one name have anchors of their own")
    func anchors() {
        #expect(Markdown("# A\n## B\n## B\n## B").headings.map(\.anchor) == ["a", "b", "b-1", "b-2"])
    }

    @Test(
        "Links between guides lead to their pages, from whatever folder",
        arguments: [
            ("operations", "/docs/operations-backup"), ("operations", "/docs/dashboard"),
            ("dashboard", "/docs/operations-secrets"),
            ("operations-runbooks", "/docs/search?q=InframindDatabaseDown"),
        ])
    func links(_ guide: String, _ address: String) throws {
        #expect(try #require(Guide.named(guide)).markdown.html.text.contains("href=\"\(address)\""))
    }

    @Test("A search finds words by how they begin, and shows whole ones around them")
    func search() throws {
        let index = DocsIndex(guides: Guide.all, reference: APIReference(try OpenAPIDocument.parsed()))
        let hits = index.search("oom")
        #expect(hits.count > 5)
        for excerpt in hits.map(\.excerpt) where !excerpt.found.isEmpty {
            #expect(!(excerpt.before.last?.isLetter ?? false), "\(excerpt.before)")
            #expect(!(excerpt.before + excerpt.after).contains("]("))
        }
        // Part of a word is better than nothing.
        #expect(index.search("ramind").count > 0 && index.search("nowhere-at-all").isEmpty)
    }

    @Test("Every guide renders, with headings and without a trace of Markdown", arguments: Guide.all.map(\.name))
    func guides(_ name: String) throws {
        let guide = try #require(Guide.named(name))
        let html = guide.markdown.html.text
        #expect(!guide.markdown.headings.isEmpty && html.utf8.count < 100_000)
        // Outside of code nothing of the marks is left.
        var text = html
        for element in ["pre", "code"] {
            text = text.replacing(try Regex("(?s)<\(element)[^>]*>.*?</\(element)>"), with: "")
        }
        #expect(!text.contains("**") && !text.contains("](") && !text.contains("```"))
        let anchors = Set(guide.markdown.headings.map(\.anchor))
        #expect(anchors.count == guide.markdown.headings.count)
    }
}
