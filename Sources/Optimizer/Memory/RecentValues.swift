/// The newest values of a stream, oldest first, up to a fixed number.
struct RecentValues<Element: Hashable & Codable & Sendable>: Hashable, Codable, Sendable {
    let capacity: Int
    private(set) var elements: [Element] = []

    init(capacity: Int) { self.capacity = capacity }

    var count: Int { elements.count }
    var last: Element? { elements.last }

    mutating func append(_ element: Element) {
        // The move of at most a few thousand words costs less than the bookkeeping of a ring would.
        if elements.count >= capacity { elements.removeFirst() }
        // Doubling, as arrays do, would end at room for 256 where 200 are kept.
        if elements.count == elements.capacity {
            elements.reserveCapacity(min(capacity, max(4, 2 * elements.count)))
        }
        elements.append(element)
    }
}
