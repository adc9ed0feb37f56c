/// The name of one level of the memory model: a stable 64-bit FNV-1a hash of its parts.
///
/// A hash, because contexts come from outside and may be long: the state stays small whatever a caller sends. Two of
/// 20,000 keys collide with a probability of 10⁻¹¹; a tenant who makes them collide on purpose blurs its own history.
struct MemoryKey: Hashable, Codable, Sendable {
    let hash: UInt64

    /// - Parameter parts: the texts that make up the key; their order counts.
    init(_ parts: [String]) {
        var hasher = FowlerNollVo()
        for part in parts { hasher.combine(part) }
        hash = hasher.value
    }

    init(_ parts: String...) { self.init(parts) }

    init(from decoder: any Decoder) throws {
        hash = try decoder.singleValueContainer().decode(UInt64.self)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(hash)
    }
}
