import Foundation
import Testing

@testable import Telemetry

@Suite struct CCacheStatisticsTests {
    @Test("What the files say is what ccache prints of them", arguments: ["ccache-4.7", "ccache-4.14"])
    func agreement(version: String) throws {
        let printed = try #require(CCacheStatistics(printStats: Fixture.text(version + "/print-stats.txt")))
        let read = try #require(CCacheStatistics(directory: Fixture.path(version + "/cache")))
        #expect(printed == read)
        #expect(read.counts == CompilerCacheCounts(hits: 3, misses: 3))
        #expect(read.files == 6)
        #expect(read.sizeBytes == 24 << 10)
    }

    /// The recorded cache has one file in which line N holds 1000 + N, so that a line taken for another shows.
    @Test("Every line means what ccache says it means", arguments: ["4.7", "4.14"])
    func lines(version: String) throws {
        let printed = KernelText(try Fixture.text("ccache-lines/\(version)/print-stats.txt")).flatKeyed
        var checked = 0
        for counter in CCacheStatistics.counters {
            for name in counter.names {
                guard let value = printed[name] else { continue }
                #expect(value == Int64(1000 + counter.line), "\(name)")
                checked += 1
            }
        }
        // Neither version prints the two timestamps of 0, and 4.7 none of the lines from 81 on.
        #expect(checked == (version == "4.7" ? 32 : 36))
        let known = Set(CCacheStatistics.counters.map(\.line))
        for (name, value) in printed where (1001..<1100).contains(value) && !known.contains(Int(value) - 1000) {
            #expect(name.contains("storage") || name.contains("cache_miss"), "\(name) is not read")
        }
    }

    @Test("Uncacheable calls and errors are the sums `ccache --show-stats` shows of the same cache")
    func sums() throws {
        let read = try #require(CCacheStatistics(directory: Fixture.path("ccache-lines/cache")))
        #expect(read.uncacheableCalls == 21549)
        #expect(read.errors == 8248)
        #expect(read.cleanups == 1029)
        #expect(read.zeroedAtSeconds == 1031)
        #expect(read.sizeBytes == 1012 << 10)
    }

    @Test("The layout of ccache 3.7 is read, and the file in the top directory with it")
    func oldLayout() throws {
        func file(miss: Int, zeroed: Int) -> String {
            (0...31).map { $0 == 4 ? "\(miss)" : $0 == 31 ? "\(zeroed)" : "0" }.joined(separator: "\n") + "\n"
        }
        let tree = try TemporaryTree([
            "stats": file(miss: 1, zeroed: 0), "0/stats": file(miss: 10, zeroed: 1_700_000_000),
            "f/stats": file(miss: 100, zeroed: 1_600_000_000),
        ])
        let read = try #require(CCacheStatistics(directory: tree.path))
        #expect(read.cacheMisses == 111)
        #expect(read.zeroedAtSeconds == 1_700_000_000)
    }

    @Test("A cut, empty, binary or endless file counts as far as it can be believed")
    func hostile() throws {
        let numbers = Array(repeating: "5", count: 23).joined(separator: "\n")
        let tree = try TemporaryTree([
            "0/stats": "", "1/stats": "\u{01}\u{02}", "2/stats": numbers,
            "3/stats": String(repeating: "9", count: 1 << 16), "4/stats": "x\n" + numbers,
        ])
        let read = try #require(CCacheStatistics(directory: tree.path))
        #expect(read.directCacheHits == 5)
        #expect(read.cacheMisses == 5)
        symlink(tree.path, tree.path + "/5")
        #expect(CCacheStatistics(directory: tree.path) != nil, "a loop of links is no way in")
    }

    @Test(
        "The installed ccache agrees about a real cache",
        .enabled(if: access("/usr/bin/ccache", X_OK) == 0, "ccache is not installed"))
    func installed() throws {
        let tree = try TemporaryTree(["a.c": "int a;\n", "b.c": "int b;\n"])
        func ccache(_ arguments: [String]) throws -> String {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/ccache")
            process.arguments = arguments
            process.currentDirectoryURL = URL(fileURLWithPath: tree.path)
            process.environment = ["CCACHE_DIR": tree.path + "/cache", "PATH": "/usr/bin:/bin", "HOME": tree.path]
            let output = Pipe()
            process.standardOutput = output
            process.standardError = FileHandle.nullDevice
            try process.run()
            let text = output.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return String(decoding: text, as: UTF8.self)
        }
        for name in ["a", "a", "b"] { _ = try ccache(["cc", "-c", name + ".c", "-o", name + ".o"]) }
        _ = try ccache(["cc", "-E", "a.c"])
        let printed = try #require(CCacheStatistics(printStats: try ccache(["--print-stats"])))
        #expect(CCacheStatistics(directory: tree.path + "/cache") == printed)
        #expect(printed.counts == CompilerCacheCounts(hits: 1, misses: 2))
        #expect(printed.uncacheableCalls == 1)
    }
}
