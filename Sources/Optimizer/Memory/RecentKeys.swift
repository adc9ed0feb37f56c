/// The memory keys of one step, used longest ago first. Bounded: a step whose context names another configuration in every
/// run would otherwise push the keys of all others out of the model.
struct RecentKeys: Hashable, Codable, Sendable {
    /// A twentieth of all keys. One step of a large monorepo has several hundred configurations and branches, each with
    /// peaks of its own: with 64 its limits took 6 % more memory.
    static let capacity = 1024

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
