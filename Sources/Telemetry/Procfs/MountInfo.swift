/// `/proc/self/mountinfo`: what is mounted where.
public struct MountInfo: Hashable, Sendable {
    public struct Mount: Hashable, Sendable {
        /// The directory of the mounted file system that appears at the mount point.
        public var root: String
        public var mountPoint: String
        public var fileSystem: String
        /// For cgroup v1 the controllers are among these.
        public var superOptions: [String]
        public var isReadOnly: Bool
    }

    /// In mount order: of two mounts at one point the later hides the earlier.
    public var mounts: [Mount]

    public init?(_ text: KernelText) {
        mounts = text.lines.compactMap(Self.mount)
        if mounts.isEmpty { return nil }
    }

    public static func read(_ roots: KernelRoots) -> MountInfo? {
        (try? KernelText(path: roots.procfs + "/self/mountinfo")).flatMap { MountInfo($0) }
    }

    // 36 35 98:0 /root /point rw,noatime shared:1 - ext3 /dev/root rw,errors=continue
    private static func mount(_ line: ArraySlice<UInt8>) -> Mount? {
        let fields = line.fields
        // Optional fields come between the sixth and the hyphen; a hyphen before that is part of a path.
        guard fields.count >= 9,
            let hyphen = fields[6...].firstIndex(where: { $0.elementsEqual([UInt8(ascii: "-")]) }),
            hyphen + 2 < fields.count
        else { return nil }
        // The source may be empty, and is then missing: the super options are always the last field.
        let superOptions = fields[fields.count - 1].split(separator: UInt8(ascii: ",")).map(\.string)
        let options = fields[5].split(separator: UInt8(ascii: ","))
        return Mount(
            root: unescaped(fields[3]), mountPoint: unescaped(fields[4]), fileSystem: fields[hyphen + 1].string,
            superOptions: superOptions,
            isReadOnly: superOptions.contains("ro") || options.contains { $0.elementsEqual("ro".utf8) })
    }

    /// Spaces, tabs, line feeds and backslashes in paths are written as a backslash and three octal digits.
    private static func unescaped(_ field: ArraySlice<UInt8>) -> String {
        guard field.contains(UInt8(ascii: "\\")) else { return field.string }
        var result: [UInt8] = []
        var rest = field
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            if byte == UInt8(ascii: "\\"), digits.count == 3, let value = UInt8(digits.string, radix: 8) {
                result.append(value)
                rest = rest.dropFirst(3)
            } else {
                result.append(byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
