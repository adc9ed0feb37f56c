/// What became of the writes.
public struct Verdict: Sendable {
    /// Acknowledged, and not there.
    public private(set) var lost = 0
    /// There twice, or counted otherwise than there are.
    public private(set) var doubled = 0
    /// There with other content than was sent.
    public private(set) var altered = 0
    /// The first of each, in words.
    public private(set) var examples: [String] = []
    /// Acknowledged writes that were looked for in the database, and runs that were asked of the server.
    public var compared = (writes: 0, runs: 0)

    public var isClean: Bool { lost == 0 && doubled == 0 && altered == 0 }

    mutating func lose(_ what: String) {
        lost += 1
        note("lost: \(what)", lost)
    }

    mutating func double(_ what: String) {
        doubled += 1
        note("doubled: \(what)", doubled)
    }

    mutating func alter(_ what: String) {
        altered += 1
        note("altered: \(what)", altered)
    }

    /// Five of a kind say what is wrong; thousands would hide it.
    private mutating func note(_ words: String, _ count: Int) { if count <= 5 { examples.append(words) } }
}
