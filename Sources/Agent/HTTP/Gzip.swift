import CZlib
import Telemetry

/// Compresses pages with one state that is used again and again.
final class Gzip {
    private var stream = z_stream()
    private var compressed = ByteBuffer()
    private let isReady: Bool

    /// The fastest level makes a page a sixth of its size; the slowest makes it a seventh at many times the cost.
    private static let level: Int32 = 1
    /// 16 in front makes a gzip head; 13 is a window of 8 KiB, as repetition on a page is between neighbouring lines.
    /// With the memory level it takes 48 KiB in place of 256.
    private static let windowBits: Int32 = 16 + 13
    private static let memoryLevel: Int32 = 6

    init() {
        isReady =
            deflateInit2_(
                &stream, Self.level, Z_DEFLATED, Self.windowBits, Self.memoryLevel, Z_DEFAULT_STRATEGY, zlibVersion(),
                Int32(MemoryLayout<z_stream>.size)) == Z_OK
    }

    deinit { if isReady { deflateEnd(&stream) } }

    /// The bytes compressed; valid until the next call. `nil` when there was no memory.
    func compress(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        guard isReady, deflateReset(&stream) == Z_OK, let start = bytes.baseAddress, bytes.count < Int32.max else {
            return nil
        }
        compressed.removeAll()
        // zlib only reads from there; its header is from before C had a word for that.
        stream.next_in = UnsafeMutableRawPointer(mutating: start).assumingMemoryBound(to: UInt8.self)
        stream.avail_in = UInt32(bytes.count)
        let room = Int(deflateBound(&stream, UInt(bytes.count)))
        var code = Z_OK
        _ = compressed.append(upTo: room) { output in
            stream.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
            stream.avail_out = UInt32(output.count)
            code = deflate(&stream, Z_FINISH)
            return output.count - Int(stream.avail_out)
        }
        return code == Z_STREAM_END ? compressed.bytes : nil
    }
}
