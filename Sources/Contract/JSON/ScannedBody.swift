/// A body that clients send by the thousand. As our own client and most others write it, it is read by ``JSONScanner``;
/// everything else, and so everything that is wrong, by the decoder.
public protocol ScannedBody: Decodable {
    /// - Returns: `nil` when only a decoder can say what it is.
    init?(_ scanner: inout JSONScanner)
}

extension ScannedBody {
    /// Reads one JSON text, the quick way where that is sure to say what the decoder says.
    ///
    /// - Throws: ``BodyError``, as `decoded(from:)`.
    public static func read(from bytes: UnsafeBufferPointer<UInt8>) throws(BodyError) -> Self {
        var scanner = JSONScanner(bytes)
        if let body = Self(&scanner), scanner.isAtEnd { return body }
        return try decoded(from: Array(bytes))
    }
}
