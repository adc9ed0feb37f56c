/// How many jobs of one kind there are.
public struct QueueFigures: Hashable, Sendable {
    public var waiting: Int
    public var claimed: Int
    /// Given up, see ``WorkQueue``.
    public var dead: Int

    public init(waiting: Int = 0, claimed: Int = 0, dead: Int = 0) {
        self.waiting = waiting
        self.claimed = claimed
        self.dead = dead
    }
}
