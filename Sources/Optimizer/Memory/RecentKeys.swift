/// The memory keys of one step, used longest ago first. Bounded: a step whose context names another configuration in every
/// run would otherwise push the keys of all others out of the model.
struct RecentKeys: Hashable, Codable, Sendable {
    /// More configurations and branches of one step than this are no configurations but a number that differs by run.
    static let capacity = 64

    private(set) var elements: [MemoryKey] = []

    /// Notes that a key was used.
    ///
    /// - Returns: the key that went to make room.
    mutating func use(_ key: MemoryKey) -> MemoryKey? {
        if let index = elements.lastIndex(of: key) {
            elements.remove(at: index)
            elements.append(key)
            return nil
        }
        elements.append(key)
        return elements.count > Self.capacity ? elements.removeFirst() : nil
    }
}
