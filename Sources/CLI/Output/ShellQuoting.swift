/// `text` as one word of a POSIX shell. Words of harmless characters stay as they are; everything else goes between
/// single quotes, inside which a shell expands nothing.
func shellQuoted(_ text: String) -> String {
    let isHarmless =
        !text.isEmpty
        && text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: ":"),
                UInt8(ascii: ","), UInt8(ascii: "@"), UInt8(ascii: "+"), UInt8(ascii: "="):
                true
            default: false
            }
        }
    if isHarmless { return text }
    return "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
}
