import Contract
import Hummingbird
import NIOCore

extension Request {
    /// The body, decoded.
    ///
    /// - Throws: `BodyError`: 400 when it is not JSON, saying where; 422 naming the field that is missing or of another
    ///   type.
    func json<Body: Decodable>(_ type: Body.Type = Body.self) async throws -> Body {
        // RequestBodyMiddleware has collected and bounded it: this only hands over the bytes.
        let buffer = try await body.collect(upTo: .max)
        return try Body.decoded(from: Array(buffer.readableBytesView))
    }

    /// A body that clients send many of, read the quick way where that says the same.
    ///
    /// - Throws: as ``json(_:)``.
    func report<Body: ScannedBody>(_ type: Body.Type = Body.self) async throws -> Body {
        let buffer = try await body.collect(upTo: .max)
        return try buffer.withUnsafeReadableBytes { try Body.read(from: $0.bindMemory(to: UInt8.self)) }
    }
}
