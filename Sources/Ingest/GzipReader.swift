import CZlib

/// Why compressed bytes were refused, with a sentence for the client.
public enum GzipError: Error, Hashable, Sendable, CustomStringConvertible {
    case damaged
    case endsEarly
    /// More than so many bytes came out.
    case tooLarge(limit: Int)
    /// Each byte became more than so many.
    case tooDense(limit: Int)

    public var description: String {
        switch self {
        case .damaged: "The body says that it is gzip, but it is not or is damaged."
        case .endsEarly: "The gzip body ended early."
        case .tooLarge(let limit): "The body must be at most \(limit) bytes when it is unpacked."
        case .tooDense(let limit): "The body unpacks to more than \(limit) times its size."
        }
    }
}

/// How much may come out of a compressed body.
public struct GzipLimits: Hashable, Sendable {
    /// Bytes that may come out. A million steps have some 250 MB.
    public var unpackedBytes: Int
    /// Bytes that may come out for each that went in. Builds that repeat themselves reach some 20; deflate ends at 1032.
    public var ratio: Int
    /// Bytes from which on the ratio counts: a short body of spaces harms nobody.
    public var ratioCountsFrom: Int

    public init(unpackedBytes: Int = 512 << 20, ratio: Int = 100, ratioCountsFrom: Int = 1 << 20) {
        self.unpackedBytes = unpackedBytes
        self.ratio = ratio
        self.ratioCountsFrom = ratioCountsFrom
    }
}

/// Unpacks gzip as it arrives; never holds more than a piece of what comes out.
struct GzipReader: ~Copyable {
    /// Bytes that come out at a time.
    private static let pieceBytes = 64 << 10
    /// The largest window, and only gzip's own header.
    private static let windowBits: Int32 = 15 + 16

    private let stream: UnsafeMutablePointer<z_stream>
    private let limits: GzipLimits
    private var bytesIn = 0
    private var bytesOut = 0
    private var input: [UInt8] = []
    private var position = 0
    private var state = State.atStart

    private enum State {
        case atStart, inMember
        /// The last member is complete; another may follow.
        case behindMember
    }

    init(limits: GzipLimits) throws(GzipError) {
        self.limits = limits
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let version = ZLIB_VERSION
        guard inflateInit2_(stream, Self.windowBits, version, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw .damaged
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Takes packed bytes; only when ``next()`` has nothing more to say about those before.
    mutating func add(_ piece: [UInt8]) {
        input = piece
        position = 0
        bytesIn += piece.count
    }

    /// The next unpacked bytes; `nil` when more packed ones are needed.
    mutating func next() throws(GzipError) -> [UInt8]? {
        guard position < input.count else { return nil }
        if state == .behindMember {
            // Files that were packed apart and joined are one file (RFC 1952, section 2.2).
            guard inflateReset(stream) == Z_OK else { throw .damaged }
        }
        state = .inMember
        var status = Z_OK
        let (stream, start) = (stream, position)
        let output = [UInt8](unsafeUninitializedCapacity: Self.pieceBytes) { output, count in
            input.withUnsafeMutableBufferPointer { input in
                stream.pointee.next_in = input.baseAddress.map { $0 + start }
                stream.pointee.avail_in = UInt32(clamping: input.count - start)
                stream.pointee.next_out = output.baseAddress
                stream.pointee.avail_out = UInt32(Self.pieceBytes)
                status = inflate(stream, Z_NO_FLUSH)
                count = Self.pieceBytes - Int(stream.pointee.avail_out)
            }
        }
        let taken = input.count - start - Int(stream.pointee.avail_in)
        position += taken
        bytesOut += output.count
        switch status {
        case Z_STREAM_END: state = .behindMember
        // Without progress it would be asked for ever.
        case Z_OK where taken > 0 || !output.isEmpty: break
        default: throw .damaged
        }
        if bytesOut > limits.unpackedBytes { throw .tooLarge(limit: limits.unpackedBytes) }
        // Two divisions: a product could overflow.
        if bytesOut > limits.ratioCountsFrom, bytesOut / limits.ratio > bytesIn { throw .tooDense(limit: limits.ratio) }
        return output
    }

    /// Nothing more comes.
    ///
    /// - Throws: ``GzipError/endsEarly`` when something is missing.
    func finish() throws(GzipError) {
        guard state == .behindMember else { throw .endsEarly }
    }
}
