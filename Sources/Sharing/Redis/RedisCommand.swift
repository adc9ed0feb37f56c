import CHiredis

/// A command and its arguments, any bytes, as they go over the wire.
struct RedisCommand: Hashable, Sendable {
    let bytes: [UInt8]

    init(_ arguments: Argument...) { self.init(arguments) }

    init(_ arguments: [Argument]) {
        // One buffer, and where each argument begins in it: hiredis takes pointers and lengths.
        let joined = arguments.flatMap(\.bytes)
        let lengths = arguments.map(\.bytes.count)
        bytes = joined.withUnsafeBytes { raw in
            // No arguments with bytes in them means no command; hiredis still wants somewhere to point to.
            let base = raw.bindMemory(to: CChar.self).baseAddress
            var start = 0
            var pointers = lengths.map { length in
                defer { start += length }
                return base.map { $0 + start }
            }
            var command: UnsafeMutablePointer<CChar>?
            let count = redisFormatCommandArgv(&command, Int32(lengths.count), &pointers, lengths)
            guard count >= 0, let command else { preconditionFailure("There is no memory for a command.") }
            defer { redisFreeCommand(command) }
            return Array(UnsafeRawBufferPointer(start: command, count: Int(count)))
        }
    }

    enum Argument: Hashable, Sendable, ExpressibleByStringLiteral {
        case text(String)
        case integer(Int)
        case binary([UInt8])

        init(stringLiteral value: String) { self = .text(value) }

        fileprivate var bytes: [UInt8] {
            switch self {
            case .text(let text): Array(text.utf8)
            case .integer(let integer): Array(String(integer).utf8)
            case .binary(let bytes): bytes
            }
        }
    }
}
