import Builds
import Contract
import Storage

/// Takes a batch: bytes in, rows out.
///
/// While one group of lines is written, the next is read on the other cores. Lines are carried out in their order. A bad
/// line is counted and the rest go on; when the store fails, the batch ends there, what came before is kept, and the same
/// batch again finishes it.
public struct BatchIngest: Sendable {
    private let store: any Store
    private let limits: Limits

    /// What one batch may be.
    public struct Limits: Hashable, Sendable {
        /// Bytes in a line.
        public var lineBytes = Bounds.lineBytes
        public var lines = Bounds.batchLines

        public init() {}
    }

    public init(store: any Store, limits: Limits = Limits()) {
        self.store = store
        self.limits = limits
    }

    /// Blocks read at a time: the largest part of what a batch holds in memory, some 20 MiB with all that is made of it.
    private static let blocksPerGroup = 8

    /// Carries out the lines of `body`, which arrives in pieces of any size.
    ///
    /// - Parameter now: when the batch arrived; stands in for times that are not stated.
    /// - Throws: what `body` throws; ``StoreError`` when the store fails or is overloaded; `CancellationError`.
    public func ingest<Body: AsyncSequence>(
        _ body: Body, tenant: TenantID, receivedAt now: Timestamp
    ) async throws -> BatchOutcome where Body.Element == [UInt8] {
        var outcome = BatchOutcome()
        var pieces = body.makeAsyncIterator()
        var blocks = LineBlocks(longestLine: limits.lineBytes)
        var waiting: [LineBlock] = []
        var group: [ReadBlock] = []
        var isAtEnd = false
        while !isAtEnd || !group.isEmpty || !waiting.isEmpty {
            let ready = group
            async let results = write(ready, tenant)
            while !isAtEnd, waiting.count < Self.blocksPerGroup {
                if let piece = try await pieces.next() {
                    waiting += blocks.add(piece)
                } else {
                    isAtEnd = true
                    if let last = blocks.finish() { waiting.append(last) }
                }
            }
            let next = Array(waiting.prefix(Self.blocksPerGroup))
            waiting.removeFirst(next.count)
            group = await read(next, receivedAt: now)
            var rest = try await results[...]
            for block in ready {
                outcome.count(block, rest.prefix(block.entries.count))
                rest = rest.dropFirst(block.entries.count)
            }
        }
        return outcome
    }

    private func write(_ group: [ReadBlock], _ tenant: TenantID) async throws -> [Result<WriteResult, StoreError>] {
        let entries = group.flatMap(\.entries)
        return entries.isEmpty ? [] : try await store.write(entries, tenant: tenant)
    }

    private func read(_ blocks: [LineBlock], receivedAt now: Timestamp) async -> [ReadBlock] {
        let limits = limits
        return await withTaskGroup(of: (Int, ReadBlock).self) { group in
            for (place, block) in blocks.enumerated() {
                group.addTask {
                    (
                        place,
                        ReadBlock(
                            block, receivedAt: now, longestLine: limits.lineBytes, lastLine: limits.lines)
                    )
                }
            }
            var read: [ReadBlock?] = Array(repeating: nil, count: blocks.count)
            for await (place, block) in group { read[place] = block }
            return read.compactMap(\.self)
        }
    }
}
