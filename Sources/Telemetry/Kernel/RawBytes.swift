import Glibc

/// Searching and comparing bytes by C's own functions.
///
/// The standard library's are generic. Optimised they are as good, but a build for debugging allocates in them, and the
/// promise that a scrape allocates nothing is to be tested in the build that tests use.
extension UnsafeRawBufferPointer {
    /// The bytes of `range`, which must lie within.
    public func part(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: baseAddress.map { $0 + range.lowerBound }, count: range.count)
    }

    public func part(from start: Int) -> UnsafeRawBufferPointer { part(start..<count) }

    public func isEqual(to other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count, let ours = baseAddress, let theirs = other.baseAddress else {
            return count == other.count
        }
        return memcmp(ours, theirs, count) == 0
    }

    public func isEqual(to text: StaticString) -> Bool { isEqual(to: text.bytes) }

    public func starts(with text: StaticString) -> Bool {
        text.utf8CodeUnitCount <= count && part(0..<text.utf8CodeUnitCount).isEqual(to: text)
    }

    public func ends(with text: StaticString) -> Bool {
        text.utf8CodeUnitCount <= count && part(from: count - text.utf8CodeUnitCount).isEqual(to: text)
    }

    /// Where `byte` comes first, at `start` or behind it.
    public func index(of byte: UInt8, from start: Int = 0) -> Int? {
        guard let base = baseAddress, start < count else { return nil }
        return memchr(base + start, Int32(byte), count - start).map { UnsafeRawPointer($0) - base }
    }

    /// Where `byte` comes last.
    public func lastPlace(of byte: UInt8) -> Int? {
        var place = count
        while place > 0 {
            place -= 1
            if self[place] == byte { return place }
        }
        return nil
    }
}

extension StaticString {
    public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: utf8Start, count: utf8CodeUnitCount) }
}
