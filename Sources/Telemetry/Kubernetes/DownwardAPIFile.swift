import Glibc

/// A file of a downward API volume with a pod's labels or annotations: `key="value"` lines, the value quoted as Go
/// quotes strings.
public enum DownwardAPIFile {
    /// Most bytes read: labels of one pod have a few hundred bytes; annotations at most 256 KiB by the API's own limit.
    public static let limitBytes = 512 << 10

    /// Keys and values; lines of any other form are left out.
    public static func values(_ text: KernelText) -> [String: String] {
        var values: [String: String] = [:]
        for line in text.bytes.split(separator: UInt8(ascii: "\n")) {
            guard let equals = line.firstIndex(of: UInt8(ascii: "=")), equals > line.startIndex,
                let value = unquoted(line[line.index(after: equals)...])
            else { continue }
            values[line[..<equals].string] = value
        }
        return values
    }

    /// `nil` when the file cannot be read.
    public static func read(_ path: String) -> [String: String]? {
        // The last line has no line feed, and `KernelText` keeps it, as the file is far below the limit.
        (try? KernelText(path: path, limitBytes: limitBytes)).map(values)
    }

    /// The text between two quotes. Escapes of single characters are resolved; numeric ones make the value unusable: no
    /// name that is looked for here has one.
    private static func unquoted(_ quoted: ArraySlice<UInt8>) -> String? {
        let quote = UInt8(ascii: "\"")
        guard quoted.count >= 2, quoted.first == quote, quoted.last == quote else { return nil }
        var content: [UInt8] = []
        var isEscaped = false
        for byte in quoted.dropFirst().dropLast() {
            if isEscaped {
                switch byte {
                case UInt8(ascii: "n"): content.append(0x0A)
                case UInt8(ascii: "t"): content.append(0x09)
                case UInt8(ascii: "r"): content.append(0x0D)
                case quote, UInt8(ascii: "\\"): content.append(byte)
                default: return nil
                }
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == quote {
                return nil
            } else {
                content.append(byte)
            }
        }
        return isEscaped ? nil : String(validating: content, as: UTF8.self)
    }
}
