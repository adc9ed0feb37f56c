import Scaffolding
import Testing

@testable import Optimizer

@Suite struct TrainingShardTests {
    @Test("Every row is in one part, in the order of time, and the parts differ by one row at most", arguments: 1...7)
    func split(_ count: Int) throws {
        let set = SimulatedRows.set(205)
        let shards = try set.shards(count)
        #expect(shards.map(\.rank) == Array(0..<count) && shards.allSatisfy { $0.workerCount == count })
        #expect(Set(shards.map(\.training)).count == 1)
        let sizes = shards.map(\.rowCount)
        #expect(sizes.reduce(0, +) == 205 && (sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
        for (index, row) in set.rows.enumerated() {
            let shard = shards[index % count]
            #expect(shard.matrix.features(index / count) == row.features)
            #expect(shard.matrix.targets[index / count] == row.target)
            let isHeldOut = index / count >= shard.rowCount - shard.heldOutCount
            #expect(isHeldOut == (index >= 205 - 41))
        }
    }

    @Test("Too few rows for so many workers, too many workers and none are refused")
    func tooFew() {
        #expect(throws: LightGBMError.unsuitable(message: "59 runs are too few for 3 workers, 60 are needed")) {
            try SimulatedRows.set(59).shards(3)
        }
        #expect(throws: LightGBMError.self) { try SimulatedRows.set(60).shards(0) }
        #expect(throws: LightGBMError.self) { try SimulatedRows.set(60).shards(65) }
        var uneven = SimulatedRows.set(60)
        uneven.rows[7].features.removeLast()
        #expect(throws: LightGBMError.self) { try uneven.shards(2) }
    }

    @Test("A shard comes back from its file as it was, to the bit")
    func file() throws {
        let folder = try TemporaryFolder()
        for shard in try SimulatedRows.set(100).shards(3) {
            let path = folder.path + "/shard"
            try shard.write(to: path)
            let read = try TrainingShard(path: path)
            #expect(read.encoded() == shard.encoded())
            #expect(read.rank == shard.rank && read.heldOutCount == shard.heldOutCount && read.observedRuns == 103)
        }
        #expect(folder.names() == ["shard"])
    }

    @Test("A shard cut anywhere, or with any byte changed, is refused and never trusted")
    func damaged() throws {
        let bytes = try SimulatedRows.set(40, features: 4).shards(2)[1].encoded()
        for length in 0..<bytes.count {
            #expect(throws: TrainWorkerError.self) { try TrainingShard(bytes: Array(bytes.prefix(length))) }
        }
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 0x41
            #expect(throws: TrainWorkerError.self) { try TrainingShard(bytes: changed) }
        }
        #expect(throws: TrainWorkerError.self) { try TrainingShard(bytes: bytes + [0]) }
    }

    @Test("A shard of a later version, of part 9 of 2, with no feature or with infinities is refused by name")
    func refused() throws {
        func reason(_ change: (inout [UInt8]) -> Void) throws -> String {
            var bytes = try SimulatedRows.set(40, features: 4).shards(2)[1].encoded()
            bytes.removeLast(8)
            change(&bytes)
            bytes.appendLittleEndian(FowlerNollVo(bytes).value)
            do {
                _ = try TrainingShard(bytes: bytes)
            } catch {
                return error.description.replacing("this is no shard to train on: ", with: "")
            }
            return "accepted"
        }
        #expect(try reason { _ in } == "accepted")
        #expect(try reason { $0[8] = 2 } == "it has version 2, and only 1 is known here")
        #expect(try reason { $0[12] = 9 } == "it says it is part 9 of 2")
        #expect(try reason { $0[20] = 0 } == "it says it holds 20 rows of 0 features")
        #expect(try reason { $0[30] = 1 }.hasPrefix("it says it holds 281474976710676 rows"))
        #expect(try reason { $0[32] = 20 } == "all of its rows are held out, none is left to train on")
        let infinity = withUnsafeBytes(of: Double.infinity) { Array($0) }
        #expect(try reason { $0.replaceSubrange(56..<64, with: infinity) } == "a number in it is not finite")
        let nan = withUnsafeBytes(of: Double.nan) { Array($0) }
        #expect(try reason { $0.replaceSubrange($0.count - 8..<$0.count, with: nan) } == "a number in it is not finite")
    }
}
