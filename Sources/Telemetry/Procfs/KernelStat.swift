import Glibc

/// `/proc/stat`: CPU seconds by mode and a few counters since boot.
public struct KernelStat: Hashable, Sendable {
    /// CPU seconds by mode, in the kernel's own words (proc(5)). `user` holds guest time too.
    public struct CPUTimes: Hashable, Sendable {
        public var user = 0.0
        public var nice = 0.0
        public var system = 0.0
        public var idle = 0.0
        public var iowait = 0.0
        public var irq = 0.0
        public var softirq = 0.0
        public var steal = 0.0

        /// The modes in the order of the file.
        static var modes: [WritableKeyPath<CPUTimes, Double>] {
            [\.user, \.nice, \.system, \.idle, \.iowait, \.irq, \.softirq, \.steal]
        }
    }

    public var total = CPUTimes()
    /// By CPU number; CPUs that are offline are missing.
    public var perCPU: [Int: CPUTimes] = [:]
    public var contextSwitches: Int64?
    public var bootTimeSeconds: Int64?
    /// Processes and threads created since boot.
    public var forks: Int64?
    public var processesRunning: Int64?
    public var processesBlocked: Int64?

    /// - Parameter ticksPerSecond: the kernel's unit, `sysconf(_SC_CLK_TCK)`; more than 0.
    public init?(_ text: KernelText, ticksPerSecond: Int = Self.ticksPerSecond) {
        var foundTotal = false
        for line in text.lines {
            let fields = line.fields
            guard let key = fields.first?.string, fields.count >= 2 else { continue }
            switch key {
            case "ctxt": contextSwitches = fields[1].number
            case "btime": bootTimeSeconds = fields[1].number
            case "processes": forks = fields[1].number
            case "procs_running": processesRunning = fields[1].number
            case "procs_blocked": processesBlocked = fields[1].number
            case _ where key.hasPrefix("cpu"):
                guard let times = Self.times(fields.dropFirst(), ticksPerSecond) else { continue }
                if key == "cpu" {
                    total = times
                    foundTotal = true
                } else if let number = Int(key.dropFirst("cpu".count)), number >= 0 {
                    perCPU[number] = times
                }
            default: continue
            }
        }
        guard foundTotal else { return nil }
    }

    /// Reads the file; `nil` when it is not there or not of this form.
    public static func read(_ roots: KernelRoots) -> KernelStat? {
        (try? KernelText(path: roots.procfs + "/stat")).flatMap { KernelStat($0) }
    }

    /// Clock ticks per second of this kernel's user interface; 100 wherever we looked.
    public static let ticksPerSecond = max(1, sysconf(Int32(_SC_CLK_TCK)))

    /// `nil` when a number is broken or the four modes every kernel has are not all there.
    private static func times(_ fields: ArraySlice<ArraySlice<UInt8>>, _ ticksPerSecond: Int) -> CPUTimes? {
        guard fields.count >= 4 else { return nil }
        var times = CPUTimes()
        for (mode, field) in zip(CPUTimes.modes, fields) {
            guard let ticks = field.number, ticks >= 0 else { return nil }
            times[keyPath: mode] = Double(ticks) / Double(ticksPerSecond)
        }
        return times
    }
}
