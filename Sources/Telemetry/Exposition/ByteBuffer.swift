/// Bytes that are written front to back, and a buffer that is kept when they are thrown away.
///
/// A scrape is written into the memory of the one before: after a few rounds nothing here allocates any more. An array
/// would check on every byte whether it is shared, which is what a page of numbers would then mostly cost.
public struct ByteBuffer: ~Copyable {
    private var base: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    public private(set) var count = 0

    /// - Parameter capacity: bytes to set aside at once; it grows as needed.
    public init(capacity: Int = 4096) {
        self.capacity = max(64, capacity)
        base = .allocate(capacity: self.capacity)
    }

    deinit { base.deallocate() }

    /// The bytes written so far; valid until the next change.
    public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    /// Forgets everything after the first `count` bytes.
    public mutating func truncate(to count: Int) { self.count = max(0, min(count, self.count)) }

    public mutating func removeAll() { count = 0 }

    /// Gives back memory beyond `capacity` that nothing is written in, so that one large page is not paid for ever.
    public mutating func shrink(toCapacity limit: Int) {
        let wanted = max(64, limit, count)
        if capacity > wanted { move(toCapacity: wanted) }
    }

    /// Forgets the first `count` bytes.
    public mutating func removeFirst(_ count: Int) {
        guard count > 0 else { return }
        guard count < self.count else { return removeAll() }
        base.update(from: base + count, count: self.count - count)
        self.count -= count
    }

    public mutating func append(_ byte: UInt8) {
        if count == capacity { reserve(1) }
        base[count] = byte
        count += 1
    }

    public mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
        reserve(bytes.count)
        UnsafeMutableRawPointer(base + count).copyMemory(from: start, byteCount: bytes.count)
        count += bytes.count
    }

    public mutating func append(_ text: StaticString) {
        append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    public mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    /// Writes a whole number in decimal.
    public mutating func append(decimal value: Int64) {
        if value < 0 { append(UInt8(ascii: "-")) }
        append(decimal: value.magnitude)
    }

    /// Writes a whole number in decimal, with zeros in front up to `digits`.
    public mutating func append(decimal value: UInt64, digits: Int = 1) {
        let length = max(digits, Self.digits(of: value))
        reserve(length)
        var rest = value
        var place = count + length
        while place > count {
            place -= 1
            base[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        count += length
    }

    /// Lets `body` write up to `room` bytes behind the others, and keeps as many as it says.
    public mutating func append(
        upTo room: Int, _ body: (UnsafeMutableRawBufferPointer) -> Int
    ) -> Int {
        reserve(room)
        let written = body(UnsafeMutableRawBufferPointer(start: base + count, count: room))
        count += max(0, min(written, room))
        return written
    }

    private mutating func reserve(_ additional: Int) {
        guard count + additional > capacity else { return }
        // With room to spare: a page that is a byte longer than the one before should not need more memory again.
        let wanted = count + additional
        move(toCapacity: max(capacity * 2, wanted + wanted / 4))
    }

    private mutating func move(toCapacity wanted: Int) {
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: wanted)
        larger.update(from: base, count: count)
        base.deallocate()
        base = larger
        capacity = wanted
    }

    private static func digits(of value: UInt64) -> Int {
        var digits = 1
        var rest = value
        while rest >= 10 {
            rest /= 10
            digits += 1
        }
        return digits
    }
}
