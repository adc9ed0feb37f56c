import CAllocator
import Glibc

/// What the process has used.
enum Meter {
    /// CPU seconds of this thread: a noisy machine does not count.
    static func cpuSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// CPU seconds that `body` takes.
    static func cpuSeconds(of body: () throws -> Void) rethrows -> Double {
        let began = cpuSeconds()
        try body()
        return cpuSeconds() - began
    }

    /// Bytes the allocator has given out.
    static func allocatedBytes() -> Double {
        let info = mallinfo2()
        return Double(info.uordblks) + Double(info.hblkhd)
    }

    /// Bytes of the process that are in memory.
    static func residentBytes() -> Double {
        malloc_trim(0)
        guard let file = fopen("/proc/self/statm", "r") else { return .nan }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        guard fgets(&line, Int32(line.count), file) != nil else { return .nan }
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let fields = text.split(separator: " ")
        guard fields.count > 1, let pages = Double(fields[1]) else { return .nan }
        return pages * Double(sysconf(Int32(_SC_PAGESIZE)))
    }
}

/// A measured number with the bound it must keep.
struct Finding {
    var name: String
    var value: Double
    var bound: Double
    var unit: String

    var isKept: Bool { value <= bound }

    func printLine() {
        func text(_ value: Double) -> String {
            let power = value < 10 ? 1000.0 : 10.0
            return "\((value * power).rounded() / power)"
        }
        print("\(isKept ? "kept  " : "MISSED") \(name): \(text(value)) \(unit), at most \(text(bound)) \(unit)")
    }
}
