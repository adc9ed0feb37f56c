import Client
import Glibc

/// The parent of `process`; `nil` when it is gone or /proc is not there.
func parentProcess(of process: pid_t, procfs: String = "/proc") -> pid_t? {
    // A stat line has some 300 bytes; the name, which may hold anything, ends at the last parenthesis.
    guard let bytes = Folder.read("\(procfs)/\(process)/stat", atMost: 8192),
        let end = bytes.lastIndex(of: UInt8(ascii: ")"))
    else { return nil }
    let fields = bytes[(end + 1)...].split(separator: UInt8(ascii: " "))
    guard fields.count > 1 else { return nil }
    return pid_t(String(decoding: fields[1], as: UTF8.self))
}

/// Makes us the parent of orphans below us, so that a compiler left behind by a killed make is still measured.
///
/// - Returns: false when the kernel has no such thing; orphans then go to init, unmeasured.
@discardableResult
func becomeSubreaper() -> Bool {
    // <sys/prctl.h> is not among what Swift imports from glibc. PR_SET_CHILD_SUBREAPER is 36.
    typealias Prctl = @convention(c) (Int32, UInt, UInt, UInt, UInt) -> Int32
    guard let symbol = dlsym(nil, "prctl") else { return false }
    return unsafeBitCast(symbol, to: Prctl.self)(36, 1, 0, 0, 0) == 0
}
