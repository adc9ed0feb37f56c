import Glibc

/// The counters of ccache, of every version since 3.7.
public struct CCacheStatistics: Hashable, Sendable {
    public var directCacheHits: Int64 = 0
    public var preprocessedCacheHits: Int64 = 0
    public var cacheMisses: Int64 = 0
    /// Calls ccache handed on because their result cannot be kept: links, failed compilations, unsupported options.
    public var uncacheableCalls: Int64 = 0
    /// Calls that went wrong in ccache itself or in front of the compiler.
    public var errors: Int64 = 0
    public var cleanups: Int64 = 0
    /// What is in the cache now.
    public var files: Int64 = 0
    public var sizeBytes: Int64 = 0
    /// When the counters were last set to zero, seconds since 1970; 0 if never.
    public var zeroedAtSeconds: Int64 = 0

    public var counts: CompilerCacheCounts {
        CompilerCacheCounts(hits: saturatingSum(directCacheHits, preprocessedCacheHits), misses: cacheMisses)
    }

    /// Reads the output of `ccache --print-stats` (ccache 3.7 and later): a name, a tab and a number on each line.
    public init?(printStats text: String) {
        // The whole list is some sixty lines; anything near the limit is something else.
        guard text.utf8.count <= 64 << 10 else { return nil }
        let values = KernelText(text).flatKeyed
        guard values["cache_miss"] != nil, values["direct_cache_hit"] != nil else { return nil }
        for counter in Self.counters {
            for name in counter.names { add(values[name] ?? 0, counter.meaning) }
        }
    }

    /// Adds up the statistics files of a cache directory, as ccache itself does; runs nothing.
    ///
    /// Counters are spread over `stats` (before 4.0), `0/stats` … `f/stats` and, since ccache 4.4, `0/0/stats` …
    /// `f/f/stats`, so that parallel compilers do not wait for one lock: 273 small files. `nil` when none of them is
    /// there.
    public init?(directory: String) {
        let digits = Array("0123456789abcdef")
        var found = add(file: "\(directory)/stats")
        for first in digits {
            let level = "\(directory)/\(first)"
            guard access(level, X_OK) == 0 else { continue }
            for path in ["\(level)/stats"] + digits.map({ "\(level)/\($0)/stats" }) {
                found = add(file: path) || found
            }
        }
        guard found else { return nil }
    }

    /// False when the file is not there or is no list of numbers. Those of older versions are shorter; the rest counts
    /// as 0.
    private mutating func add(file path: String) -> Bool {
        // 85 numbers in ccache 4.14, 20 digits each at most.
        guard let text = try? KernelText(path: path, limitBytes: 16 << 10) else { return false }
        let numbers = text.lines.map { $0.fields.first?.number }
        guard let first = numbers.first, first != nil else { return false }
        for counter in Self.counters where counter.line < numbers.count {
            add(numbers[counter.line] ?? 0, counter.meaning)
        }
        return true
    }

    private mutating func add(_ value: Int64, _ meaning: Meaning) {
        let value = max(0, value)
        switch meaning {
        case .directHit: directCacheHits = saturatingSum(directCacheHits, value)
        case .preprocessedHit: preprocessedCacheHits = saturatingSum(preprocessedCacheHits, value)
        case .miss: cacheMisses = saturatingSum(cacheMisses, value)
        case .uncacheable: uncacheableCalls = saturatingSum(uncacheableCalls, value)
        case .error: errors = saturatingSum(errors, value)
        case .cleanup: cleanups = saturatingSum(cleanups, value)
        case .files: files = saturatingSum(files, value)
        case .kibibytes: sizeBytes = saturatingSum(sizeBytes, saturatingProduct(value, 1024))
        case .zeroed: zeroedAtSeconds = max(zeroedAtSeconds, value)
        }
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
