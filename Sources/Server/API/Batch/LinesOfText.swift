/// Hands out the lines of some bytes one by one, with their numbers from 1; never all of them at once.
struct LinesOfText {
    private let bytes: [UInt8]
    private var position = 0
    private var number = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isMore: Bool { position < bytes.count }

    /// The next line without its end; `nil` when there is none.
    mutating func next() -> (number: Int, bytes: ArraySlice<UInt8>)? {
        guard isMore else { return nil }
        let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
        defer { position = end + 1 }
        number += 1
        return (number, bytes[position..<end])
    }
}
