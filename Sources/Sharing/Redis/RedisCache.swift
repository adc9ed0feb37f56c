/// A cache that servers share.
final class RedisCache: SharedCache {
    private let client: RedisClient
    private let keyPrefix: String

    init(_ client: RedisClient, keyPrefix: String) {
        self.client = client
        self.keyPrefix = keyPrefix + ":cache:"
    }

    func value(for key: CacheKey) async throws(RedisFailure) -> [UInt8]? {
        switch try await client.send(RedisCommand("GET", name(key))) {
        case .nothing: nil
        case .bytes(let bytes): bytes
        default: throw .unexpectedReply
        }
    }

    func keep(_ value: [UInt8], for key: CacheKey, seconds: Double) async throws(RedisFailure) {
        guard value.count <= CacheKey.largestValueBytes else { return try await remove(key) }
        let lifetime = RedisCommand.Argument.integer(CacheLifetime.milliseconds(seconds))
        _ = try await client.send(RedisCommand("SET", name(key), .binary(value), "PX", lifetime))
    }

    func remove(_ key: CacheKey) async throws(RedisFailure) {
        _ = try await client.send(RedisCommand("DEL", name(key)))
    }

    private func name(_ key: CacheKey) -> RedisCommand.Argument { .text(keyPrefix + key.text) }
}
