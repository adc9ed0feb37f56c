/// The 64-bit FNV-1a hash (Fowler, Noll, Vo). Swift's own `Hasher` is seeded anew in every process, so nothing that is
/// stored or sent can rest on it. Tells what is whole from what is damaged, not forged from true.
struct FowlerNollVo {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    init() {}

    /// The hash of some bytes.
    init(_ bytes: some Sequence<UInt8>) { combine(bytes) }

    mutating func combine(_ bytes: some Sequence<UInt8>) {
        // A local copy stays in a register.
        var hash = value
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        value = hash
    }

    /// Hashes the text and a separator, so that ("ab", "c") and ("a", "bc") differ.
    mutating func combine(_ text: String) {
        combine(text.utf8)
        combine(CollectionOfOne(0xFF))  // never occurs in UTF-8
    }
}
