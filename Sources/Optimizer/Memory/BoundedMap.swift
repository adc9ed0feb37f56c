/// A dictionary that never holds more than ``capacity`` entries: when it would, the tenth that was updated longest ago
/// goes. A tenant can therefore name as many pipelines as it likes without growing the server.
struct BoundedMap<Key: Hashable & Codable & Sendable, Value: Hashable & Codable & Sendable>: Hashable, Sendable {
    private struct Entry: Hashable, Sendable {
        var value: Value
        /// When the entry was last updated, in updates of the map: unique, so the order of eviction is certain.
        var updatedAt: Int
    }

    let capacity: Int
    private var entries: [Key: Entry] = [:]
    private var updates = 0

    init(capacity: Int) { self.capacity = max(1, capacity) }

    var count: Int { entries.count }
    var keys: some Collection<Key> { entries.keys }

    /// What `transform` makes of the values, oldest update first: sums over the values must not depend on how a
    /// dictionary happens to be laid out.
    func compactMapByRecency<Result>(_ transform: (Value) -> Result?) -> [Result] {
        var results: [(updatedAt: Int, result: Result)] = []
        for entry in entries.values {
            if let result = transform(entry.value) { results.append((entry.updatedAt, result)) }
        }
        return results.sorted { $0.updatedAt < $1.updatedAt }.map(\.result)
    }

    /// Sorted without the values, which may be large.
    private var keysByRecency: [Key] {
        entries.map { (key: $0.key, updatedAt: $0.value.updatedAt) }.sorted { $0.updatedAt < $1.updatedAt }
            .map(\.key)
    }

    subscript(key: Key) -> Value? { entries[key]?.value }

    /// How recently the entry was updated; larger is later.
    func recency(of key: Key) -> Int { entries[key]?.updatedAt ?? 0 }

    /// Changes the entry of `key` in place, which is `initial` when there is none.
    ///
    /// - Returns: what was evicted to make room.
    @discardableResult
    mutating func update(_ key: Key, default initial: @autoclosure () -> Value, _ change: (inout Value) -> Void)
        -> [(key: Key, value: Value)]
    {
        updates += 1
        change(&entries[key, default: Entry(value: initial(), updatedAt: updates)].value)
        entries[key]?.updatedAt = updates
        guard entries.count > capacity else { return [] }
        // A tenth at once: the sort is then paid once per many insertions.
        let surplus = entries.count - capacity + capacity / 10
        return keysByRecency.prefix(surplus).compactMap { key in
            entries.removeValue(forKey: key).map { (key, $0.value) }
        }
    }
}

extension BoundedMap {
    /// Adds an entry for the moment, as if it had been updated longest ago. Nothing makes room for it: whoever lends
    /// removes it again.
    mutating func lend(_ value: Value, for key: Key) { entries[key] = Entry(value: value, updatedAt: 0) }

    mutating func remove(_ keys: some Sequence<Key>) {
        for key in keys { entries[key] = nil }
    }
}

/// As a list in the order of the last update, so that equal maps have equal encodings.
extension BoundedMap: Codable {
    private enum CodingKeys: String, CodingKey {
        case capacity, updates, entries
    }

    private struct Stored: Codable {
        var key: Key
        var value: Value
        var updatedAt: Int
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(capacity: try container.decode(Int.self, forKey: .capacity))
        updates = try container.decode(Int.self, forKey: .updates)
        for stored in try container.decode([Stored].self, forKey: .entries) {
            entries[stored.key] = Entry(value: stored.value, updatedAt: stored.updatedAt)
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(capacity, forKey: .capacity)
        try container.encode(updates, forKey: .updates)
        let ordered = entries.sorted { $0.value.updatedAt < $1.value.updatedAt }
        try container.encode(
            ordered.map { Stored(key: $0.key, value: $0.value.value, updatedAt: $0.value.updatedAt) }, forKey: .entries)
    }
}
