import Glibc
import Telemetry

/// Code that ran once, while the agent was put together.
enum StartupCode {
    /// Lets go of the pages of all code that is mapped. What is needed again comes back from the page cache, a few
    /// pages at a time; the rest, most of Swift's library among it, no longer counts as ours, and the kernel can have it
    /// first when memory runs short: it protects pages of code that some process has mapped.
    ///
    /// Pages of code alone, never of data: the loader has written addresses into those, and they would be gone.
    static func letGo(maps: String = "/proc/self/maps") {
        let buffer = KernelBuffer()
        guard var line = buffer.read(path: maps) else { return }
        repeat {
            guard let start = line.hexadecimal(), line.skip("-"), let end = line.hexadecimal(), start < end,
                line.skip(" r-xp "), line.skip(past: UInt8(ascii: "/"))
            else { continue }
            madvise(UnsafeMutableRawPointer(bitPattern: start), Int(end - start), Int32(MADV_DONTNEED))
        } while line.nextLine()
    }
}

extension KernelCursor {
    /// The next number in base 16, without any prefix; `nil` when there is none.
    fileprivate mutating func hexadecimal() -> UInt? {
        let text = rest
        var value: UInt = 0
        var count = 0
        while count < min(16, text.count) {
            let byte = text[count]
            switch byte {
            case 0x30...0x39: value = value << 4 | UInt(byte - 0x30)
            case 0x61...0x66: value = value << 4 | UInt(byte - 0x61 + 10)
            default:
                return count > 0 && skip(count) ? value : nil
            }
            count += 1
        }
        return count > 0 && skip(count) ? value : nil
    }
}
