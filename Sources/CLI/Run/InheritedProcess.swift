@preconcurrency import Glibc

/// The process as our parent left it: what the wrapped command has to find again, whatever our libraries change.
struct InheritedProcess: Sendable {
    /// Signals that were blocked.
    var signalMask: sigset_t
    /// Signals that were *not* ignored. Under `nohup`, or in the background of a script, some are; they have to stay
    /// so.
    var defaultedSignals: sigset_t
    /// Descriptors that were open: a make above us passes its job server this way.
    var descriptors: Set<Int32>
    /// The arguments as bytes: file names need not be UTF-8.
    var arguments: [[UInt8]]
    /// The environment as bytes, `NAME=value` each.
    var rawEnvironment: [[UInt8]]

    /// The environment as text, for decisions; what is not UTF-8 is repaired here and passed on untouched.
    var environment: [String: String] {
        var result: [String: String] = [:]
        for entry in rawEnvironment {
            guard let equals = entry.firstIndex(of: UInt8(ascii: "=")), equals > 0 else { continue }
            let name = String(decoding: entry[..<equals], as: UTF8.self)
            // The first of two equal names is the one getenv finds.
            if result[name] == nil { result[name] = String(decoding: entry[(equals + 1)...], as: UTF8.self) }
        }
        return result
    }

    /// Looks at descriptors below this; ours are opened at the lowest free numbers, so all of them lie below.
    static let mostDescriptors: Int32 = 1024

    /// How many descriptors may still be opened, as far as the limit of the process says.
    var spareDescriptors: Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
        let usable = Int32(min(limit.rlim_cur, rlim_t(Self.mostDescriptors)))
        return Int(usable) - descriptors.count { $0 < usable }
    }

    static func capture() -> InheritedProcess {
        var mask = sigset_t()
        sigemptyset(&mask)
        pthread_sigmask(SIG_BLOCK, nil, &mask)
        var defaulted = sigset_t()
        sigemptyset(&defaulted)
        // 64 is the largest signal number of Linux.
        for signal in Int32(1)...64 {
            var action = sigaction()
            guard sigaction(signal, nil, &action) == 0 else { continue }
            if unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) != ignoredHandler {
                sigaddset(&defaulted, signal)
            }
        }
        var arguments: [[UInt8]] = []
        for index in 0..<Int(CommandLine.argc) {
            guard let pointer = CommandLine.unsafeArgv[index] else { break }
            arguments.append(bytes(of: pointer))
        }
        return InheritedProcess(
            signalMask: mask, defaultedSignals: defaulted, descriptors: openDescriptors(), arguments: arguments,
            rawEnvironment: environmentOfThisProcess())
    }

    /// The environment as text; for commands that only read it.
    static func environmentVariables() -> [String: String] {
        InheritedProcess(
            signalMask: sigset_t(), defaultedSignals: sigset_t(), descriptors: [], arguments: [],
            rawEnvironment: environmentOfThisProcess()
        ).environment
    }

    /// Descriptors opened since ``capture()``. Ours are close-on-exec; those of libraries should be, and this makes
    /// sure.
    func descriptorsOpenedSince() -> [Int32] {
        Self.openDescriptors().subtracting(descriptors).sorted()
    }

    /// `SIG_IGN` is the address 1.
    private static let ignoredHandler = 1

    private static func openDescriptors() -> Set<Int32> {
        Set((0..<mostDescriptors).filter { fcntl($0, F_GETFD) >= 0 })
    }

    private static func environmentOfThisProcess() -> [[UInt8]] {
        var entries: [[UInt8]] = []
        var pointer: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> = environ
        while let entry = pointer.pointee {
            entries.append(bytes(of: entry))
            pointer += 1
        }
        return entries
    }

    private static func bytes(of pointer: UnsafePointer<CChar>) -> [UInt8] {
        Array(UnsafeRawBufferPointer(start: pointer, count: strlen(pointer)))
    }
}
