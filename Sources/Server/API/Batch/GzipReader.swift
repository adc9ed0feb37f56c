import CZlib

/// Why compressed bytes were refused, with a sentence for the client.
enum GzipError: Error, Hashable, CustomStringConvertible {
    case damaged
    case endsEarly
    /// More than so many bytes came out.
    case tooLarge(limit: Int)
    /// Each byte became more than so many.
    case tooDense(limit: Int)

    var description: String {
        switch self {
        case .damaged: "The body says that it is gzip, but it is not or is damaged."
        case .endsEarly: "The gzip body ended early."
        case .tooLarge(let limit): "The body must be at most \(limit) bytes when it is unpacked."
        case .tooDense(let limit): "The body unpacks to more than \(limit) times its size."
        }
    }
}

/// How much may come out of a compressed body.
struct GzipLimits: Hashable, Sendable {
    /// Bytes that may come out.
    var unpackedBytes: Int
    /// Bytes that may come out for each that went in. Builds that repeat themselves reach some 20; deflate ends at 1032.
    var ratio = 100
    /// Bytes from which on the ratio counts: a short body of spaces harms nobody.
    var ratioCountsFrom = 1 << 20
}

/// Unpacks gzip, and stops as soon as too much comes out.
///
/// zlib is called directly: an HTTP decompressor would sit before every route, and answers in its own words.
struct GzipReader: ~Copyable {
    /// Bytes that come out at a time.
    private static let pieceBytes = 64 << 10
    /// The largest window, and only gzip's own header.
    private static let windowBits: Int32 = 15 + 16

    private let stream: UnsafeMutablePointer<z_stream>

    private init() throws(GzipError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard inflateInit2_(stream, Self.windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw .damaged
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    static func unpack(_ packed: [UInt8], limits: GzipLimits) throws(GzipError) -> [UInt8] {
        let reader = try GzipReader()
        return try reader.unpack(packed, limits)
    }

    private func unpack(_ packed: [UInt8], _ limits: GzipLimits) throws(GzipError) -> [UInt8] {
        var unpacked: [UInt8] = []
        var position = 0
        var status = Z_OK
        repeat {
            // Files that were packed apart and joined are one file (RFC 1952, section 2.2).
            if status == Z_STREAM_END { guard inflateReset(stream) == Z_OK else { throw .damaged } }
            var isFull = true
            // What zlib holds back when its output is full comes without further input.
            while isFull {
                let before = unpacked.count
                unpacked += piece(packed, &position, &status)
                isFull = unpacked.count - before == Self.pieceBytes && status == Z_OK
                guard [Z_OK, Z_BUF_ERROR, Z_STREAM_END].contains(status) else { throw .damaged }
                if unpacked.count > limits.unpackedBytes { throw .tooLarge(limit: limits.unpackedBytes) }
                if unpacked.count > limits.ratioCountsFrom, unpacked.count / limits.ratio > packed.count {
                    throw .tooDense(limit: limits.ratio)
                }
            }
        } while position < packed.count && status != Z_BUF_ERROR
        guard status == Z_STREAM_END else { throw .endsEarly }
        return unpacked
    }

    private func piece(_ packed: [UInt8], _ position: inout Int, _ status: inout Int32) -> [UInt8] {
        let start = position
        var (left, result) = (UInt32(0), Z_OK)
        let piece = [UInt8](unsafeUninitializedCapacity: Self.pieceBytes) { output, count in
            packed.withUnsafeBufferPointer { input in
                // zlib's field is not const, but it only reads.
                stream.pointee.next_in = input.baseAddress.map { UnsafeMutablePointer(mutating: $0 + start) }
                stream.pointee.avail_in = UInt32(clamping: input.count - start)
                stream.pointee.next_out = output.baseAddress
                stream.pointee.avail_out = UInt32(Self.pieceBytes)
                result = inflate(stream, Z_NO_FLUSH)
                left = stream.pointee.avail_in
                count = Self.pieceBytes - Int(stream.pointee.avail_out)
            }
        }
        position = packed.count - Int(left)
        status = result
        return piece
    }
}
