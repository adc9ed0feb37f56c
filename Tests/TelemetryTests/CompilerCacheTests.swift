import Foundation
import Testing

@testable import Telemetry

@Suite struct CompilerCacheTests {
    @Test("ccache's own files and its own report agree: three misses, then three hits")
    func ccache() throws {
        let printed = try #require(CCacheStatistics(printStats: Fixture.text("ccache-4.7/print-stats.txt")))
        let read = try #require(CCacheStatistics(directory: Fixture.path("ccache-4.7/cache")))
        #expect(printed == read)
        #expect(read.directCacheHits == 3)
        #expect(read.preprocessedCacheHits == 0)
        #expect(read.counts == CompilerCacheCounts(hits: 3, misses: 3))
    }

    @Test("Files of older versions, broken files and directories without any are told apart")
    func ccacheFiles() throws {
        let short = Array(repeating: "0", count: 9).enumerated().map {
            $0.offset == 4 ? "7" : $0.offset == 8 ? "2" : "0"
        }
        let tree = try TemporaryTree([
            "0/stats": short.joined(separator: "\n") + "\n",
            "1/stats": "not a number\n",
            "f/f/stats": (0..<23).map { $0 == 22 ? "18446744073709551615" : "-1" }.joined(separator: "\n") + "\n",
        ])
        let statistics = try #require(CCacheStatistics(directory: tree.path))
        #expect(statistics.cacheMisses == 7)
        #expect(statistics.preprocessedCacheHits == 2)
        #expect(statistics.directCacheHits == .max)
        #expect(statistics.counts.hits == .max)
        let empty = try TemporaryTree(["a/readme": "x"])
        #expect(CCacheStatistics(directory: empty.path) == nil)
        #expect(CCacheStatistics(directory: "/nonexistent") == nil)
    }

    @Test("What is not a ccache report is refused")
    func ccacheReport() {
        #expect(CCacheStatistics(printStats: "") == nil)
        #expect(CCacheStatistics(printStats: "cache_miss\t3\n") == nil)
        #expect(CCacheStatistics(printStats: "cache_miss\t3\ndirect_cache_hit\tmany\n") == nil)
        #expect(CCacheStatistics(printStats: String(repeating: "cache_miss\t3\n", count: 10_000)) == nil)
    }

    @Test("The cache directory is looked for where ccache looks")
    func ccacheDirectory() throws {
        let tree = try TemporaryTree([
            "named/x": "", "xdg/ccache/x": "", "home/.cache/ccache/x": "", "old/.ccache/x": "",
        ])
        func found(_ environment: [String: String]) -> String? {
            CCacheStatistics.directory(environment: environment).map { String($0.dropFirst(tree.path.count)) }
        }
        let home = tree.path + "/home"
        #expect(found(["CCACHE_DIR": tree.path + "/named", "HOME": home]) == "/named")
        #expect(found(["CCACHE_DIR": tree.path + "/gone", "HOME": home]) == nil)
        #expect(found(["CCACHE_DIR": "", "XDG_CACHE_HOME": tree.path + "/xdg", "HOME": home]) == "/xdg/ccache")
        #expect(found(["HOME": home]) == "/home/.cache/ccache")
        #expect(found(["XDG_CACHE_HOME": tree.path + "/xdg", "HOME": tree.path + "/old"]) == "/old/.ccache")
        #expect(found([:]) == nil)
    }

    @Test("A step's counts are what was added; a reset starts anew")
    func difference() {
        let before = CompilerCacheCounts(hits: 10, misses: 5)
        #expect(CompilerCacheCounts(hits: 12, misses: 9).since(before) == CompilerCacheCounts(hits: 2, misses: 4))
        #expect(CompilerCacheCounts(hits: 12, misses: 1).since(before) == CompilerCacheCounts(hits: 12, misses: 1))
        #expect(before.since(before) == CompilerCacheCounts())
        #expect(before + before == CompilerCacheCounts(hits: 20, misses: 10))
    }

    @Test("sccache's report is read and added up over languages")
    func sccache() throws {
        let recorded = try #require(SCCacheStatistics(showStatsJSON: Fixture.text("sccache-0.4/show-stats.json")))
        #expect(recorded.hits == ["C/C++": 3])
        #expect(recorded.counts == CompilerCacheCounts(hits: 3, misses: 3))
        let two = """
            {"stats":{"cache_hits":{"counts":{"C/C++":2,"Rust":5},"adv_counts":{"rust":5}},
            "cache_misses":{"counts":{}}}}
            """
        #expect(SCCacheStatistics(showStatsJSON: two)?.counts == CompilerCacheCounts(hits: 7, misses: 0))
        let huge = #"{"stats":{"cache_hits":{"counts":{"C":1e300,"D":"x"}},"cache_misses":{"counts":{"C":1.0}}}}"#
        #expect(SCCacheStatistics(showStatsJSON: huge)?.counts == CompilerCacheCounts(hits: 0, misses: 1))
    }

    @Test(
        "What is not an sccache report is refused",
        arguments: [
            "", "{}", "[]", "{\"stats\":3}", "{\"stats\":{\"cache_hits\":{}}}", "{\"stats\":{}} x", "{\"a\":}",
            "{\"a\" 1}", "[1,2", "\"open", "\"bad \\x escape\"", "\"\\u12\"", "tru", "1e999", "--1", "{1:2}",
            "\"\u{01}\"", "{\"stats\":{\"cache_hits\":{\"counts\":{}}",
        ])
    func brokenJSON(text: String) {
        #expect(SCCacheStatistics(showStatsJSON: text) == nil)
    }

    @Test("JSON is read as written, within bounds")
    func json() {
        let text = #" {"a":[1,-2.5e1,true,false,null,"q\"\\\/\b\f\n\r\t\u0041"],"b":{}, "c":[]} "#
        #expect(
            BoundedJSON.parse(text)
                == .object([
                    "a": .array([
                        .number(1), .number(-25), .bool(true), .bool(false), .null,
                        .string("q\"\\/\u{08}\u{0C}\n\r\t?"),
                    ]),
                    "b": .object([:]), "c": .array([]),
                ]))
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(BoundedJSON.parse(nested(32)) != nil)
        #expect(BoundedJSON.parse(nested(33)) == nil)
        #expect(BoundedJSON.parse(nested(100_000)) == nil)
        #expect(BoundedJSON.parse("\"" + String(repeating: "a", count: 1 << 20) + "\"") == nil)
    }
}
