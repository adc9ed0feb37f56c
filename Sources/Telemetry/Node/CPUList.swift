/// A list of CPUs as the kernel writes it: `0-3,8,10-11`.
enum CPUList {
    /// The number of CPUs in the list; `nil` for anything that is not such a list.
    static func count(_ list: ArraySlice<UInt8>) -> Int? {
        var total = 0
        for part in list.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            let ends = part.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false).map(\.number)
            // Linux is built for at most 8192 CPUs.
            guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2,
                (0...last).contains(first), last < 8192
            else { return nil }
            total += Int(last - first) + 1
        }
        return total
    }
}
