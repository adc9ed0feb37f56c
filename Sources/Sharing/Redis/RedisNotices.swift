import Foundation

/// Notices that servers share.
final class RedisNotices: ChangeNotices {
    private let client: RedisClient
    private let subscription: RedisSubscription
    private let channel: String
    private let streams: InProcessNotices

    /// Nothing is heard before ``start()``.
    ///
    /// - Parameters:
    ///   - address: asked for every connection; the number of the database stays that of the first.
    ///   - streams: what is heard goes here.
    init(
        _ client: RedisClient, _ address: @escaping @Sendable () -> RedisAddress, keyPrefix: String,
        limits: RedisLimits,
        streams: InProcessNotices = InProcessNotices()
    ) {
        // Channels, unlike keys, are not separate by database.
        channel = "\(keyPrefix):\(address().database):notices"
        subscription = RedisSubscription(address, channel: channel, limits: limits) { message in
            let notice = message.flatMap { try? JSONDecoder().decode(ChangeNotice.self, from: Data($0)) }
            // What another version of this program says, and this one does not understand, is a change all the same.
            streams.tell(notice.map(HeardNotice.changed) ?? .mayHaveMissedSome)
        }
        self.client = client
        self.streams = streams
    }

    var health: SharingState { subscription.health }

    /// Begins to listen, and returns when the first attempt has ended, well or not.
    func start() async { await subscription.start() }

    func close() async {
        await subscription.close()
        streams.close()
    }

    func publish(_ notice: ChangeNotice) async throws(RedisFailure) {
        guard let message = try? JSONEncoder().encode(notice) else {
            preconditionFailure("Texts and numbers can be encoded.")
        }
        do {
            _ = try await client.send(RedisCommand("PUBLISH", .text(channel), .binary(Array(message))))
        } catch {
            // The others may have kept their connections, and would never learn that there was something. A message that
            // is not a notice tells them.
            client.sendWithNextBeat(RedisCommand("PUBLISH", .text(channel), "missed"))
            throw error
        }
    }

    func notices() -> AsyncStream<HeardNotice> { streams.notices() }
}
