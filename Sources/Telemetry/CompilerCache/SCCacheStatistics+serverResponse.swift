extension SCCacheStatistics {
    /// Reads what a server answers to "get statistics", without the length in front.
    ///
    /// The answer names neither its version nor its fields, so every form from sccache 0.2.8 to 0.16 is tried, and the
    /// one that uses up all bytes is it. `nil` for an answer of another kind or of a form not known.
    public init?(serverResponse bytes: [UInt8]) {
        var reader = BincodeReader(bytes[...])
        guard let kind = reader.uint32(), Self.statisticsKinds.contains(kind) else { return nil }
        for form in Form.all {
            if let statistics = Self.read(reader, form) {
                self = statistics
                return
            }
        }
        return nil
    }

    /// The place of the statistics among the kinds of answer: 1 up to sccache 0.5, 2 since. The other kind of these
    /// numbers is empty, or none of these forms.
    private static let statisticsKinds: ClosedRange<UInt32> = 1...2

    /// What tells one version's answer from another's.
    private struct Form {
        /// Counts are kept by compiler too (0.6).
        var countsCompilers = false
        /// Compilations are counted beside their time (0.8).
        var countsCompilations = false
        /// Levels of a cache of caches (0.14), and what each of them says about itself.
        var levels = Levels.none
        var hasPreprocessorMode = false
        var hasVersion = false
        /// Directories left out of hashes (0.14).
        var hasBaseDirectories = false

        enum Levels { case none, named, located }

        static let all: [Form] = [
            Form(),  // 0.2.8 to 0.4
            Form(hasVersion: true),  // 0.5
            Form(countsCompilers: true, hasVersion: true),
            Form(countsCompilers: true, hasPreprocessorMode: true, hasVersion: true),  // 0.7
            Form(countsCompilers: true, countsCompilations: true, hasPreprocessorMode: true, hasVersion: true),  // 0.8
            Form(
                countsCompilers: true, countsCompilations: true, levels: .named, hasPreprocessorMode: true,
                hasVersion: true, hasBaseDirectories: true),  // 0.14
            Form(
                countsCompilers: true, countsCompilations: true, levels: .located, hasPreprocessorMode: true,
                hasVersion: true, hasBaseDirectories: true),
        ]
    }

    private static func read(_ start: BincodeReader, _ form: Form) -> SCCacheStatistics? {
        var reader = start
        var result = SCCacheStatistics()
        guard let requests = reader.count(), reader.count() != nil, reader.count() != nil,
            let nonCacheable = reader.count(), let executed = reader.count(),
            let errors = languageCounts(&reader, form), let hits = languageCounts(&reader, form),
            let misses = languageCounts(&reader, form), let timeouts = reader.count(),
            let readErrors = reader.count(), reader.count() != nil, reader.count() != nil,
            let writeErrors = reader.count(), let writes = reader.count(), skipDuration(&reader),
            skipDuration(&reader), !form.countsCompilations || reader.count() != nil, skipDuration(&reader),
            let failures = reader.count(), counts(&reader) != nil, counts(&reader) != nil, reader.count() != nil
        else { return nil }
        result.compileRequests = requests
        result.nonCacheableRequests = nonCacheable
        result.executedRequests = executed
        result.errors = errors
        result.hits = hits
        result.misses = misses
        result.cacheTimeouts = timeouts
        result.cacheReadErrors = readErrors
        result.cacheWriteErrors = writeErrors
        result.cacheWrites = writes
        result.compileFailures = failures
        guard form.levels == .none || reader.optional({ skipLevels(&$0, form) ? true : nil }) != nil else {
            return nil
        }
        guard reader.string() != nil, let size = reader.optional({ $0.count() }),
            let limit = reader.optional({ $0.count() }), !form.hasPreprocessorMode || reader.bool() != nil,
            !form.hasVersion || reader.string() != nil, !form.hasBaseDirectories || skipStrings(&reader),
            reader.isAtEnd
        else { return nil }
        result.sizeBytes = size
        result.limitBytes = limit
        return result
    }

    private static func languageCounts(_ reader: inout BincodeReader, _ form: Form) -> [String: Int64]? {
        guard let counts = counts(&reader), !form.countsCompilers || Self.counts(&reader) != nil else { return nil }
        return counts
    }

    private static func counts(_ reader: inout BincodeReader) -> [String: Int64]? {
        // A length and a number are sixteen bytes.
        guard let length = reader.length(elementBytes: 16) else { return nil }
        var counts: [String: Int64] = [:]
        for _ in 0..<length {
            guard let name = reader.string(), let count = reader.count() else { return nil }
            counts[name] = count
        }
        return counts
    }

    /// Of each level a name, six numbers and two durations.
    private static func skipLevels(_ reader: inout BincodeReader, _ form: Form) -> Bool {
        guard let length = reader.length(elementBytes: 80) else { return false }
        for _ in 0..<length {
            guard reader.string() != nil, form.levels != .located || reader.string() != nil else { return false }
            for _ in 0..<6 where reader.uint64() == nil { return false }
            guard skipDuration(&reader), skipDuration(&reader) else { return false }
        }
        return true
    }

    /// Seconds and nanoseconds.
    private static func skipDuration(_ reader: inout BincodeReader) -> Bool {
        guard reader.uint64() != nil, let nanoseconds = reader.uint32() else { return false }
        return nanoseconds < 1_000_000_000
    }

    private static func skipStrings(_ reader: inout BincodeReader) -> Bool {
        guard let length = reader.length(elementBytes: 8) else { return false }
        for _ in 0..<length where reader.string() == nil { return false }
        return true
    }
}
