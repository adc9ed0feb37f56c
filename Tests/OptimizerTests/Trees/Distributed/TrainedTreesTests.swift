import Testing

@testable import Optimizer

@Suite struct TrainedTreesTests {
    static let trees = TrainedTrees(text: "tree\nversion=v4\n\nend of trees\n", metrics: ["mae": 0.1, "rows": 1e-300])

    @Test("Trees come back as they were handed over")
    func file() throws {
        #expect(try TrainedTrees(bytes: Self.trees.encoded()) == Self.trees)
    }

    @Test("Trees cut anywhere, or with any byte changed, are refused")
    func damaged() {
        let bytes = Self.trees.encoded()
        for length in 0..<bytes.count {
            #expect(throws: TrainWorkerError.self) { try TrainedTrees(bytes: Array(bytes.prefix(length))) }
        }
        for index in bytes.indices {
            var changed = bytes
            // Not 0x20, which only makes a letter of the fingerprint small or large.
            changed[index] ^= 0x41
            #expect(throws: TrainWorkerError.self) { try TrainedTrees(bytes: changed) }
        }
    }
}
