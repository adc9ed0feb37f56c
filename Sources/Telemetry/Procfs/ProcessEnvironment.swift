/// `/proc/PID/environ`: the environment a program was started with, `NAME=value` entries that end in a NUL each.
///
/// The process may write anything there, and what it sets later does not show. So entries without `=`, without their
/// NUL, empty ones, and bytes that are no text are all expected.
public enum ProcessEnvironment {
    /// Most bytes read. The kernel lets the arguments and the environment of a program have a quarter of its stack's
    /// limit: 2 MiB mostly.
    public static let limitBytes = 4 << 20
    /// Longest value told, the longest name the server takes.
    public static let valueLimitBytes = 1024

    /// What was found of one variable.
    public enum Value: Hashable, Sendable {
        case missing
        /// Empty, too long, not UTF-8, or with control characters in it: nothing that could name something.
        case unusable
        case text(String)
    }

    /// The values of `names`, in their order. Of a variable that is there twice the first counts, as for `getenv`.
    ///
    /// - Parameters:
    ///   - bytes: the file.
    ///   - isCut: the file goes on, so that an entry without its NUL is not whole.
    public static func values(
        of names: [StaticString], in bytes: Slice<UnsafeRawBufferPointer>, isCut: Bool = false
    ) -> [Value] {
        var values = [Value](repeating: .missing, count: names.count)
        var start = bytes.startIndex
        while start < bytes.endIndex {
            let end = bytes[start...].firstIndex(of: 0)
            if end == nil && isCut { break }
            let entry = bytes[start..<(end ?? bytes.endIndex)]
            for (index, name) in names.enumerated() where values[index] == .missing {
                if let value = value(of: name, in: entry) { values[index] = value }
            }
            start = entry.endIndex + 1
        }
        return values
    }

    private static func value(of name: StaticString, in entry: Slice<UnsafeRawBufferPointer>) -> Value? {
        let length = name.utf8CodeUnitCount
        guard entry.count > length, entry[entry.startIndex + length] == UInt8(ascii: "="),
            name.withUTF8Buffer({ entry.starts(with: $0) })
        else { return nil }
        let value = entry[(entry.startIndex + length + 1)...]
        guard !value.isEmpty, value.count <= valueLimitBytes, !value.contains(where: { $0 < 0x20 || $0 == 0x7F }),
            let text = String(validating: value, as: UTF8.self)
        else { return .unusable }
        return .text(text)
    }
}
