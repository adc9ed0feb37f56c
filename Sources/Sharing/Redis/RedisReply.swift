import CHiredis

/// An answer of Redis that is not an error.
enum RedisReply: Hashable, Sendable {
    case nothing
    case integer(Int)
    /// A string or a status line.
    case bytes([UInt8])
    case list([RedisReply])

    /// - Throws: ``RedisFailure/refused(_:)`` when the reply, or anything in it, is an error.
    init(_ reply: redisReply) throws(RedisFailure) {
        switch reply.type {
        case REDIS_REPLY_NIL: self = .nothing
        case REDIS_REPLY_INTEGER: self = .integer(Int(reply.integer))
        case REDIS_REPLY_STRING, REDIS_REPLY_STATUS: self = .bytes(Self.bytes(of: reply))
        case REDIS_REPLY_ARRAY:
            var elements: [RedisReply] = []
            elements.reserveCapacity(reply.elements)
            // No deeper than hiredis reads: seven levels.
            for index in 0..<reply.elements {
                guard let element = reply.element[index] else { throw .unexpectedReply }
                elements.append(try RedisReply(element.pointee))
            }
            self = .list(elements)
        case REDIS_REPLY_ERROR: throw .refused(String(decoding: Self.bytes(of: reply), as: UTF8.self))
        default: throw .unexpectedReply
        }
    }

    private static func bytes(of reply: redisReply) -> [UInt8] {
        Array(UnsafeRawBufferPointer(start: reply.str, count: reply.len))
    }
}

extension RedisReply {
    var integer: Int? {
        if case .integer(let integer) = self { integer } else { nil }
    }

    var bytes: [UInt8]? {
        if case .bytes(let bytes) = self { bytes } else { nil }
    }

    var text: String? { bytes.map { String(decoding: $0, as: UTF8.self) } }

    var list: [RedisReply]? {
        if case .list(let list) = self { list } else { nil }
    }
}
