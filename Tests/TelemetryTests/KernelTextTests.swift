import Testing

@testable import Telemetry

@Suite struct KernelTextTests {
    @Test(
        "Whole numbers are read, saturate, or are refused",
        arguments: [
            ("0\n", 0), ("42\n", 42), ("-1\n", -1), ("9223372036854775807\n", Int64.max),
            ("18446744073709551615\n", Int64.max), ("99999999999999999999999999\n", Int64.max),
            ("-99999999999999999999\n", -Int64.max), ("max\n", nil), ("", nil), ("-\n", nil), ("1 2\n", nil),
            ("1.5\n", nil), ("+3\n", nil),
        ] as [(String, Int64?)])
    func number(text: String, expected: Int64?) {
        #expect(KernelText(text).number == expected)
    }

    @Test("A file that is not there says so")
    func missing() {
        #expect(throws: KernelFileError(path: "/nonexistent/file", code: 2)) {
            try KernelText(path: "/nonexistent/file")
        }
        #expect(KernelFileError(path: "/p", code: 2).isMissing)
        #expect(KernelFileError(path: "/p", code: 2).description == "/p: No such file or directory")
        #expect(!KernelFileError(path: "/p", code: 13).isMissing)
    }

    @Test("Of a file beyond the limit only whole lines are kept")
    func bounded() throws {
        let tree = try TemporaryTree(["f": "a 1234567\nb 1234567\n"])
        let text = try KernelText(path: tree.path + "/f", limitBytes: 14)
        #expect(text.flatKeyed == ["a": 1_234_567])
        #expect(try KernelText(path: tree.path + "/f", limitBytes: 3).bytes.isEmpty)
    }

    @Test("A file of several pages is read whole")
    func severalPages() throws {
        let content = (0..<2000).map { "key\($0) \($0)\n" }.joined()
        let tree = try TemporaryTree(["f": content])
        let text = try KernelText(path: tree.path + "/f")
        #expect(text.flatKeyed.count == 2000)
        #expect(text.flatKeyed["key1999"] == 1999)
    }

    @Test("Values in kB become bytes, others stay")
    func colonKeyed() {
        let text = KernelText("Rss:   2 kB\nThreads:\t7\nName:\tcat\nHuge: 9223372036854775807 kB\nbroken\n")
        #expect(text.colonKeyed == ["Rss": 2048, "Threads": 7, "Huge": .max])
    }

    @Test(
        "A counter that fell was reset",
        arguments: [(10, 15, 5), (10, 10, 0), (10, 3, 3), (10, -1, 0), (0, Int64.max, Int64.max)]
            as [(Int64, Int64, Int64)])
    func delta(before: Int64, after: Int64, expected: Int64) {
        #expect(counterDelta(from: before, to: after) == expected)
    }

    @Test("Sums and products of outside numbers never overflow")
    func saturating() {
        #expect(saturatingSum(.max, 1) == .max)
        #expect(saturatingSum(-5, 3) == 3)
        #expect(saturatingProduct(.max, 2) == .max)
        #expect(saturatingProduct(-2, 3) == 0)
    }
}
