/// A gzip body, unpacked while it arrives.
///
/// zlib is called directly: an HTTP decompressor would sit before every route, and answers in its own words.
public struct GzipBody<Base: AsyncSequence>: AsyncSequence where Base.Element == [UInt8] {
    public typealias Element = [UInt8]

    private let base: Base
    private let limits: GzipLimits

    /// - Parameter base: the packed bytes in pieces of any size.
    public init(_ base: Base, limits: GzipLimits = GzipLimits()) {
        self.base = base
        self.limits = limits
    }

    public func makeAsyncIterator() -> Iterator { Iterator(base.makeAsyncIterator(), limits) }

    public final class Iterator: AsyncIteratorProtocol {
        private var base: Base.AsyncIterator
        private let limits: GzipLimits
        private var reader: GzipReader?
        private var isAtEnd = false

        fileprivate init(_ base: Base.AsyncIterator, _ limits: GzipLimits) {
            self.base = base
            self.limits = limits
        }

        /// - Throws: ``GzipError``; what the packed bytes throw.
        public func next() async throws -> [UInt8]? {
            if isAtEnd { return nil }
            var reader = if let reader = reader.take() { reader } else { try GzipReader(limits: limits) }
            while true {
                if let output = try reader.next() {
                    if output.isEmpty { continue }
                    self.reader = consume reader
                    return output
                }
                guard let piece = try await base.next() else {
                    isAtEnd = true
                    try reader.finish()
                    return nil
                }
                reader.add(piece)
            }
        }
    }
}
