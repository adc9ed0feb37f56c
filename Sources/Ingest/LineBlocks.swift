import Contract

/// Some whole lines of a batch.
struct LineBlock: Sendable {
    /// Each line ends with a newline, except maybe the last of all.
    var bytes: [UInt8]
    /// Number of the first line, from 1.
    var firstLine: Int
    /// A line that was too long to be kept stands here instead of bytes.
    var isTooLong = false
}

/// Cuts a body that arrives in pieces into blocks of whole lines. Holds no more than one block and one line, however
/// long the body and its lines are.
struct LineBlocks {
    /// Bytes after which a block is handed on: some thousand steps, a millisecond of work for a core.
    private static let blockBytes = 256 << 10

    private let longestLine: Int
    private var bytes: [UInt8] = []
    /// Behind the last newline in ``bytes``.
    private var end = 0
    private var linesInBytes = 0
    private var nextLine = 1
    /// The rest of a line that was given up on is on its way.
    private var isSkipping = false

    init(longestLine: Int = Bounds.lineBytes) { self.longestLine = longestLine }

    /// Takes a piece and returns the blocks that are ready.
    mutating func add(_ piece: [UInt8]) -> [LineBlock] {
        var blocks: [LineBlock] = []
        var rest = piece[...]
        while !rest.isEmpty {
            // Never more than a block at a time, so that one piece of any size makes no long buffer.
            let part = rest.prefix(Self.blockBytes)
            rest = rest.dropFirst(part.count)
            add(part, &blocks)
        }
        return blocks
    }

    /// Returns what is left when the body has ended.
    mutating func finish() -> LineBlock? {
        defer { bytes = [] }
        return bytes.isEmpty || isSkipping ? nil : LineBlock(bytes: bytes, firstLine: nextLine)
    }

    private mutating func add(_ part: ArraySlice<UInt8>, _ blocks: inout [LineBlock]) {
        var part = part
        if isSkipping {
            guard let newline = part.firstIndex(of: UInt8(ascii: "\n")) else { return }
            part = part[(newline + 1)...]
            isSkipping = false
        }
        let before = bytes.count
        bytes += part
        part.withUnsafeBufferPointer { part in
            for offset in part.indices where part[offset] == UInt8(ascii: "\n") {
                end = before + offset + 1
                linesInBytes += 1
            }
        }
        if end >= Self.blockBytes { handOn(&blocks) }
        guard bytes.count - end > longestLine else { return }
        handOn(&blocks)
        bytes = []
        isSkipping = true
        blocks.append(LineBlock(bytes: [], firstLine: nextLine, isTooLong: true))
        nextLine += 1
    }

    private mutating func handOn(_ blocks: inout [LineBlock]) {
        guard end > 0 else { return }
        let rest = Array(bytes[end...])
        bytes.removeSubrange(end...)
        blocks.append(LineBlock(bytes: bytes, firstLine: nextLine))
        nextLine += linesInBytes
        bytes = rest
        end = 0
        linesInBytes = 0
    }
}
