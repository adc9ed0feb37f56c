/// A dictionary of bounded weight that forgets first what was not used for longest, roughly.
///
/// Two generations: whatever is used moves to the young one. When that has reached half the capacity it becomes the old
/// one, and the old one is forgotten at once. An entry thus survives at least half a capacity of other entries after its
/// last use. Every operation takes constant time, unlike a search for the oldest.
struct RecentEntries<Key: Hashable, Value> {
    private struct Entry {
        var value: Value
        var weight: Int
    }

    private let capacity: Int
    private var young: [Key: Entry] = [:]
    private var old: [Key: Entry] = [:]
    private var youngWeight = 0

    /// - Parameter capacity: the most that all entries together may weigh.
    init(capacity: Int) { self.capacity = capacity }

    var count: Int { young.count + old.count }

    mutating func value(for key: Key) -> Value? {
        if let entry = young[key] { return entry.value }
        guard let entry = old[key] else { return nil }
        set(entry.value, for: key, weight: entry.weight)
        return entry.value
    }

    /// - Parameter weight: more than half the capacity, and the entry is not kept.
    mutating func set(_ value: Value, for key: Key, weight: Int) {
        remove(key)
        guard weight <= capacity / 2 else { return }
        if youngWeight + weight > capacity / 2 {
            old = young
            young = [:]
            youngWeight = 0
        }
        young[key] = Entry(value: value, weight: weight)
        youngWeight += weight
    }

    mutating func remove(_ key: Key) {
        youngWeight -= young.removeValue(forKey: key)?.weight ?? 0
        old[key] = nil
    }
}
