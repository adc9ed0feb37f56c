import Glibc
import Telemetry

/// What a client must show to get `/metrics`: `Authorization: Bearer TOKEN`, or `Basic` with the token as password.
struct AccessToken: Hashable, Sendable {
    private let token: [UInt8]

    /// A token is at least this long: a shorter one is guessed sooner than anyone looks.
    static let leastBytes = 16
    static let limitBytes = 512

    struct Unusable: Error, Hashable, CustomStringConvertible {
        var description: String
    }

    /// Reads the first line of a file.
    init(file path: String) throws(Unusable) {
        let descriptor: Int32
        do throws(OrdinaryFile.Unreadable) {
            descriptor = try OrdinaryFile.open(path)
        } catch {
            throw Unusable(description: "\(path) \(error)")
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: Self.limitBytes + 2)
        let count = read(descriptor, &bytes, bytes.count)
        guard count >= 0 else {
            throw Unusable(description: "\(path) cannot be read: \(String(cString: strerror(errno)))")
        }
        let line = bytes[..<count].prefix { $0 != 0x0A && $0 != 0x0D }
        guard (Self.leastBytes...Self.limitBytes).contains(line.count), line.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else {
            throw Unusable(
                description:
                    "\(path) must hold a token of \(Self.leastBytes) to \(Self.limitBytes) printable characters "
                    + "without spaces; openssl rand -hex 32 makes one")
        }
        token = Array(line)
    }

    init(_ token: String) { self.token = Array(token.utf8) }

    /// Whether the value of an `Authorization` field shows the token.
    func isShown(in value: UnsafeRawBufferPointer) -> Bool {
        guard let space = value.index(of: UInt8(ascii: " ")) else { return false }
        let scheme = value.part(0..<space)
        let credentials = value.part(from: space + 1).trimmed
        if scheme.equalsIgnoringCase("bearer") { return isEqual(to: credentials) }
        guard scheme.equalsIgnoringCase("basic") else { return false }
        return withUnsafeTemporaryAllocation(byteCount: HTTPRequest.limitBytes, alignment: 1) { decoded in
            guard let count = Base64.decode(credentials, into: decoded) else { return false }
            let text = UnsafeRawBufferPointer(decoded).part(0..<count)
            guard let colon = text.index(of: UInt8(ascii: ":")) else { return false }
            return isEqual(to: text.part(from: colon + 1))
        }
    }

    /// Takes as long for a guess that is right at its start as for one that is not.
    private func isEqual(to guess: UnsafeRawBufferPointer) -> Bool {
        var difference = UInt8(guess.count == token.count ? 0 : 1)
        for index in 0..<token.count {
            difference |= token[index] ^ (guess.isEmpty ? 0xFF : guess[index % guess.count])
        }
        return difference == 0
    }
}

/// Base64 as in RFC 4648, with or without padding.
enum Base64 {
    /// - Returns: how many bytes were written; `nil` when `text` is not base64, or longer than `output`.
    static func decode(_ text: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Int? {
        var count = 0
        var bits = 0
        var value: UInt32 = 0
        var isPadded = false
        for byte in text {
            if byte == UInt8(ascii: "=") {
                isPadded = true
                continue
            }
            guard !isPadded, let sextet = sextet(byte) else { return nil }
            value = value << 6 | sextet
            bits += 6
            if bits >= 8 {
                bits -= 8
                guard count < output.count else { return nil }
                output[count] = UInt8(truncatingIfNeeded: value >> UInt32(bits))
                count += 1
            }
        }
        return bits < 6 ? count : nil
    }

    private static func sextet(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 0x41...0x5A: UInt32(byte - 0x41)
        case 0x61...0x7A: UInt32(byte - 0x61) + 26
        case 0x30...0x39: UInt32(byte - 0x30) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
