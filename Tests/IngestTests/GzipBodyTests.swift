import Ingest
import Testing

@Suite("A gzip body")
struct GzipBodyTests {
    private func unpack(_ packed: [UInt8], of size: Int = 100, limits: GzipLimits = GzipLimits()) async throws
        -> [UInt8]
    {
        var unpacked: [UInt8] = []
        for try await piece in GzipBody(Pieces(packed, of: size), limits: limits) {
            #expect(piece.count <= 64 << 10)
            unpacked += piece
        }
        return unpacked
    }

    private static let text = Array((0..<40_000).map { "line \($0 * 7919 % 10_007)\n" }.joined().utf8)

    @Test("is unpacked, in whatever pieces it comes", arguments: [1, 7, 1000, 10_000_000])
    func unpacks(_ size: Int) async throws {
        #expect(try await unpack(gzip(Self.text), of: size) == Self.text)
        #expect(try await unpack(gzip([]), of: size) == [])
    }

    @Test("may be several, one after the other")
    func members() async throws {
        let packed = try gzip([]) + gzip([1, 2]) + gzip([]) + gzip([3])
        #expect(try await unpack(packed) == [1, 2, 3])
        #expect(try await unpack(packed, of: 1) == [1, 2, 3])
    }

    @Test("that unpacks to more than the limit is refused, and no more is unpacked")
    func tooLarge() async throws {
        let packed = try gzip(Self.text)
        await #expect(throws: GzipError.tooLarge(limit: 100_000)) {
            try await unpack(packed, limits: GzipLimits(unpackedBytes: 100_000))
        }
    }

    @Test("that is a bomb is refused")
    func bomb() async throws {
        let packed = try gzip([UInt8](repeating: 0x20, count: 30_000_000))
        #expect(packed.count < 40_000)
        await #expect(throws: GzipError.tooDense(limit: 100)) { try await unpack(packed) }
        // Short bodies may be dense.
        let short = [UInt8](repeating: 0x20, count: 1 << 20)
        #expect(try await unpack(gzip(short)) == short)
    }

    @Test("that is cut off, damaged or none at all is refused")
    func damaged() async throws {
        let packed = try gzip(Self.text)
        await #expect(throws: GzipError.endsEarly) { try await unpack(Array(packed.dropLast(9))) }
        await #expect(throws: GzipError.endsEarly) { try await unpack([]) }
        await #expect(throws: GzipError.damaged) { try await unpack(packed + [1, 2, 3]) }
        await #expect(throws: GzipError.damaged) { try await unpack(Self.text) }
        for place in stride(from: 0, to: packed.count, by: packed.count / 50) {
            var packed = packed
            packed[place] ^= 0x55
            if let unpacked = try? await unpack(packed) {
                // Only the header has bytes that say nothing: a time, a system.
                #expect(unpacked == Self.text && place < 10)
            }
        }
    }
}
