/// What became of the actions of one Bazel build, from the summary it prints:
/// `INFO: 6 processes: 3 disk cache hit, 1 internal, 2 linux-sandbox.`
///
/// Actions that Bazel did not have to look at again (its action cache in the output base) are counted from Bazel 5 on,
/// as `action cache hit`, and not at all before.
public struct BazelProcesses: Hashable, Sendable {
    public var actionCacheHits: Int64 = 0
    public var diskCacheHits: Int64 = 0
    public var remoteCacheHits: Int64 = 0
    /// Actions inside Bazel itself, such as making a link.
    public var internalActions: Int64 = 0
    /// Run by any strategy, here or elsewhere.
    public var executed: Int64 = 0

    /// Reads one line of Bazel's output; `nil` for any other than the summary.
    init?(line: ArraySlice<UInt8>) {
        var rest = line
        // Bazel colours the word before the colon unless its output goes to a file.
        guard let info = rest.firstIndex(of: UInt8(ascii: "I")), rest[info...].starts(with: "INFO:".utf8),
            rest[..<info].allSatisfy({ $0 < 0x40 || $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "m") })
        else { return nil }
        rest = rest[(info + "INFO:".utf8.count)...]
        if rest.starts(with: [0x1B]), let end = rest.firstIndex(of: UInt8(ascii: "m")) { rest = rest[(end + 1)...] }
        let words = rest.fields
        guard words.count >= 2, let total = words[0].number, total >= 0,
            let separator = words[1].last, [UInt8(ascii: ":"), UInt8(ascii: ",")].contains(separator),
            words[1].dropLast().elementsEqual("processes".utf8) || words[1].dropLast().elementsEqual("process".utf8)
        else { return nil }
        var list = rest[words[1].endIndex...]
        while let last = list.last, [0x20, 0x0D, UInt8(ascii: ".")].contains(last) { list = list.dropLast() }
        for part in list.split(separator: UInt8(ascii: ",")) {
            let words = part.fields
            guard let first = words.first else { continue }
            // Before Bazel 1 a build of one kind had no number of its own: "7 processes, remote cache hit."
            let count = first.number ?? total
            let kind = first.number == nil ? words[...] : words.dropFirst()
            add(max(0, count), kind.map(\.string).joined(separator: " "))
        }
    }

    private mutating func add(_ count: Int64, _ kind: String) {
        switch kind {
        case "action cache hit": actionCacheHits = saturatingSum(actionCacheHits, count)
        case "disk cache hit": diskCacheHits = saturatingSum(diskCacheHits, count)
        // Bazel before 5 calls hits of the disk cache by this name as well.
        case "remote cache hit": remoteCacheHits = saturatingSum(remoteCacheHits, count)
        case "internal": internalActions = saturatingSum(internalActions, count)
        default: executed = saturatingSum(executed, count)
        }
    }
}
