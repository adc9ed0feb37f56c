/// What workers tell each other beside LightGBM's own network: one byte for the kind, four for the length of the body
/// (little-endian), and the body.
struct TrainWorkerMessage: Hashable, Sendable {
    enum Kind: UInt8 {
        /// To worker 0: who I am and what I hold; see ``TrainWorkerGreeting``.
        case greeting = 1
        /// From worker 0: all are here. Rows and held-out rows of all.
        case start = 2
        /// To worker 0: ``HeldOutSums`` of my held-out rows.
        case sums = 3
        /// From worker 0: those of all.
        case allSums = 4
        /// To worker 0: fingerprint of my trees.
        case trees = 5
        /// From worker 0: all have the same.
        case agreed = 6
        /// From worker 0: leave LightGBM's network now.
        case end = 7
        /// Either way: why there will be no model.
        case failure = 8
    }

    static let headerSize = 5
    /// No body is longer; what is longer does not come from a worker.
    static let longestBody = 4096

    var kind: Kind
    var body: [UInt8] = []

    /// A failure in words, cut to what fits.
    static func failure(_ reason: String) -> TrainWorkerMessage {
        TrainWorkerMessage(kind: .failure, body: Array(reason.utf8.prefix(longestBody)))
    }

    var encoded: [UInt8] {
        var bytes = [kind.rawValue]
        bytes.appendLittleEndian(UInt32(body.count))
        return bytes + body
    }

    /// Reads a header; `nil` when it does not come from a worker.
    static func header(_ bytes: ArraySlice<UInt8>) -> (kind: Kind, length: Int)? {
        var reader = LittleEndianReader(bytes)
        guard let kind = reader.integer(UInt8.self).flatMap(Kind.init(rawValue:)),
            let length = reader.integer(UInt32.self), length <= UInt32(longestBody)
        else { return nil }
        return (kind, Int(length))
    }
}
