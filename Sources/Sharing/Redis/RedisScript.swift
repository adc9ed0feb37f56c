/// A Lua script: several steps that happen at once or not at all, in one way there and back.
///
/// The text is sent each time. Redis remembers what it compiled by the text's hash, so this costs some hundred bytes;
/// sending the hash instead would need a second way of failing, for a server that was restarted and forgot.
struct RedisScript: Sendable {
    let text: String

    /// - Parameters:
    ///   - keys: all keys the script uses, `KEYS[1]` and on.
    ///   - arguments: `ARGV[1]` and on.
    func command(keys: [String], _ arguments: [RedisCommand.Argument]) -> RedisCommand {
        RedisCommand(["EVAL", .text(text), .integer(keys.count)] + keys.map(RedisCommand.Argument.text) + arguments)
    }
}
