import Foundation
import Testing

@testable import Optimizer

@Suite("Bounded map")
struct BoundedMapTests {
    @Test("When it is full, the tenth that was updated longest ago goes")
    func eviction() {
        var map = BoundedMap<String, Int>(capacity: 20)
        for index in 0..<20 { map.update("\(index)", default: 0) { $0 = index } }
        map.update("0", default: 0) { $0 += 100 }
        let evicted = map.update("new", default: 7) { $0 += 1 }
        #expect(evicted.map(\.key) == ["1", "2", "3"])
        #expect(map.count == 18)
        #expect(map["0"] == 100)
        #expect(map["new"] == 8)
        #expect(map["2"] == nil)
    }

    @Test("It never outgrows its capacity, even with room for one entry only")
    func smallest() {
        var map = BoundedMap<Int, Int>(capacity: 0)
        for index in 0..<5 { map.update(index, default: index) { _ in } }
        #expect(map.count == 1)
        #expect(map[4] == 4)
    }

    @Test("Equal maps have equal encodings, whatever order the dictionary has")
    func encoding() throws {
        var map = BoundedMap<String, Int>(capacity: 100)
        for index in (0..<50).shuffled() { map.update("\(index)", default: index) { _ in } }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let data = try encoder.encode(map)
        let decoded = try JSONDecoder().decode(BoundedMap<String, Int>.self, from: data)
        #expect(decoded == map)
        #expect(try encoder.encode(decoded) == data)
    }
}

@Suite("Memory keys")
struct MemoryKeyTests {
    @Test("A key is the FNV-1a hash of its parts and the same in every process")
    func stable() {
        let published: UInt64 = 0xAF63_DC4C_8601_EC8C  // of the text "a", from the hash's own test suite
        let separator: UInt64 = 0xFF
        let prime: UInt64 = 0x0000_0100_0000_01B3
        #expect(MemoryKey("a").hash == (published ^ separator) &* prime)
    }

    @Test("Where one part ends and the next begins counts")
    func parts() {
        #expect(MemoryKey("ab", "c") != MemoryKey("a", "bc"))
        #expect(MemoryKey("a", "") != MemoryKey("a"))
    }
}

@Suite("Size classes and quantiles")
struct SizeClassesTests {
    @Test("There are no classes before fifty runs, then half of the builds are in the first")
    func boundaries() {
        var classes = SizeClasses()
        for run in 1...49 { classes.learn(expected: Double(run), runs: run) }
        #expect(classes.index(of: 10) == nil)
        classes.learn(expected: 50, runs: 50)
        #expect([1, 25, 26, 38, 46, 50].map { classes.index(of: $0) } == [0, 0, 1, 2, 3, 3])
    }

    @Test(
        "Quantiles interpolate between order statistics",
        arguments: [(0.0, 1.0), (0.5, 2.5), (0.9, 3.7), (1.0, 4.0)])
    func quantile(_ share: Double, _ value: Double) throws {
        #expect(agree(try #require(Quantile.interpolated(share, ofSorted: [1, 2, 3, 4])), value))
    }

    @Test("No values have no quantile")
    func noValues() {
        #expect(Quantile.interpolated(0.5, ofSorted: []) == nil)
    }
}
