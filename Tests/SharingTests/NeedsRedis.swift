import Scaffolding
import Testing

extension Trait where Self == ConditionTrait {
    /// Skipped, with the reason, where there is no Redis.
    static var needsRedis: Self {
        .enabled(if: RedisServer.reasonToSkip == nil, Comment(rawValue: RedisServer.reasonToSkip ?? ""))
    }
}
