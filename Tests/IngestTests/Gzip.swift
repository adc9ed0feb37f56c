import CZlib

/// What a client does before it sends.
func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
    struct NotPacked: Error {}
    var stream = z_stream()
    // 15 + 16: the largest window, with gzip's header; 8: the usual memory.
    guard
        deflateInit2_(
            &stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { throw NotPacked() }
    defer { deflateEnd(&stream) }
    var input = bytes
    let room = Int(deflateBound(&stream, UInt(bytes.count)))
    return try input.withUnsafeMutableBufferPointer { input in
        try [UInt8](unsafeUninitializedCapacity: room) { output, count in
            stream.next_in = input.baseAddress
            stream.avail_in = UInt32(input.count)
            stream.next_out = output.baseAddress
            stream.avail_out = UInt32(room)
            guard deflate(&stream, Z_FINISH) == Z_STREAM_END else { throw NotPacked() }
            count = room - Int(stream.avail_out)
        }
    }
}

/// A body in pieces of a size.
struct Pieces: AsyncSequence, AsyncIteratorProtocol {
    var bytes: [UInt8]
    var size: Int
    private var start = 0

    init(_ bytes: [UInt8], of size: Int) {
        self.bytes = bytes
        self.size = size
    }

    func makeAsyncIterator() -> Pieces { self }

    mutating func next() async -> [UInt8]? {
        guard start < bytes.count else { return nil }
        defer { start += size }
        return Array(bytes[start...].prefix(size))
    }
}
