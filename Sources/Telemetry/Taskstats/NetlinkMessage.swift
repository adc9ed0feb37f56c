/// Messages to the kernel over generic netlink.
enum NetlinkMessage {
    static let headerBytes = 16
    static let genericHeaderBytes = 4
    /// Message types below this are the protocol's own; 2 carries an error, or 0 as an acknowledgement.
    static let errorType: UInt16 = 2

    /// A request with one attribute, which the kernel is to acknowledge or to answer.
    static func request(
        type: UInt16, command: UInt8, version: UInt8, attribute: UInt16, payload: [UInt8], acknowledged: Bool
    ) -> [UInt8] {
        let attributeLength = 4 + payload.count
        let padded = (attributeLength + 3) & ~3
        let length = headerBytes + genericHeaderBytes + padded
        var message: [UInt8] = []
        message.append(number: UInt32(length))
        message.append(number: type)
        message.append(number: UInt16(acknowledged ? 1 | 4 : 1))  // NLM_F_REQUEST, NLM_F_ACK
        message.append(number: UInt32(1))  // sequence
        message.append(number: UInt32(0))  // the kernel fills in who asks
        message += [command, version, 0, 0]
        message.append(number: UInt16(attributeLength))
        message.append(number: attribute)
        message += payload
        message += [UInt8](repeating: 0, count: padded - attributeLength)
        return message
    }
}

/// The attributes of a netlink message, one after the other; what is cut off at the end is left out.
struct NetlinkAttributes: Sequence, IteratorProtocol {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    mutating func next() -> (type: UInt16, payload: ArraySlice<UInt8>)? {
        guard rest.count >= 4 else { return nil }
        let length = Int(rest.load(UInt16.self, at: 0))
        // The two highest bits are flags.
        let type = rest.load(UInt16.self, at: 2) & 0x3FFF
        guard length >= 4, length <= rest.count else { return nil }
        let payload = rest.prefix(length).dropFirst(4)
        rest = rest.dropFirst((length + 3) & ~3)
        return (type, payload)
    }
}

extension ArraySlice<UInt8> {
    /// The number at an offset, in this machine's byte order; the caller has checked that it is there.
    func load<Number: FixedWidthInteger>(_: Number.Type, at offset: Int) -> Number {
        withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Number.self) }
    }
}

extension [UInt8] {
    mutating func append(number: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: number) { append(contentsOf: $0) }
    }
}
