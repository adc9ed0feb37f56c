import Glibc

/// The counters of ccache 4.
public struct CCacheStatistics: Hashable, Sendable {
    public var directCacheHits: Int64 = 0
    public var preprocessedCacheHits: Int64 = 0
    public var cacheMisses: Int64 = 0

    public var counts: CompilerCacheCounts {
        CompilerCacheCounts(hits: saturatingSum(directCacheHits, preprocessedCacheHits), misses: cacheMisses)
    }

    /// Reads the output of `ccache --print-stats` (ccache 3.7 and later): a name, a tab and a number on each line.
    public init?(printStats text: String) {
        // The whole list is some sixty lines; anything near the limit is something else.
        guard text.utf8.count <= 64 << 10 else { return nil }
        let values = KernelText(text).flatKeyed
        guard let misses = values["cache_miss"], let direct = values["direct_cache_hit"] else { return nil }
        cacheMisses = misses
        directCacheHits = direct
        preprocessedCacheHits = values["preprocessed_cache_hit"] ?? 0
    }

    /// Adds up the statistics files of a cache directory, as ccache itself does; runs nothing.
    ///
    /// Counters are spread over `0/stats` … `f/stats` and, since ccache 4.4, `0/0/stats` … `f/f/stats`, so that
    /// parallel compilers do not wait for one lock: 272 small files. `nil` when none of them is there.
    public init?(directory: String) {
        let digits = Array("0123456789abcdef")
        var found = false
        for first in digits {
            let level = "\(directory)/\(first)"
            guard access(level, X_OK) == 0 else { continue }
            for path in ["\(level)/stats"] + digits.map({ "\(level)/\($0)/stats" }) {
                // 49 numbers in ccache 4.7, 20 digits each at most.
                guard let text = try? KernelText(path: path, limitBytes: 16 << 10) else { continue }
                found = add(text) || found
            }
        }
        guard found else { return nil }
    }

    /// Line of a statistics file, from 0, that holds a counter. The numbers never change: ccache appends new counters.
    private enum Line {
        static let cacheMiss = 4
        static let preprocessedCacheHit = 8
        static let directCacheHit = 22
    }

    /// False when the text is not a list of numbers. Files written by older versions are shorter; the rest counts as 0.
    private mutating func add(_ text: KernelText) -> Bool {
        let numbers = text.lines.map { $0.fields.first?.number }
        guard let first = numbers.first, first != nil else { return false }
        func number(_ line: Int) -> Int64 { line < numbers.count ? max(0, numbers[line] ?? 0) : 0 }
        cacheMisses = saturatingSum(cacheMisses, number(Line.cacheMiss))
        preprocessedCacheHits = saturatingSum(preprocessedCacheHits, number(Line.preprocessedCacheHit))
        directCacheHits = saturatingSum(directCacheHits, number(Line.directCacheHit))
        return true
    }

    /// The cache directory ccache would use: `CCACHE_DIR`; `~/.ccache` if it is there, as older versions made it;
    /// `$XDG_CACHE_HOME/ccache`; `~/.cache/ccache`. One set in a configuration file is not looked for.
    ///
    /// - Returns: `nil` when the environment names no home, or the directory is not there.
    public static func directory(environment: [String: String]) -> String? {
        func isDirectory(_ path: String) -> Bool { access(path + "/.", X_OK) == 0 }
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        if let named = value("CCACHE_DIR") { return isDirectory(named) ? named : nil }
        let candidates = [
            value("HOME").map { $0 + "/.ccache" }, value("XDG_CACHE_HOME").map { $0 + "/ccache" },
            value("HOME").map { $0 + "/.cache/ccache" },
        ]
        return candidates.compactMap(\.self).first(where: isDirectory)
    }
}
