/// What processes of the step that are still alive at its end have used: daemons nobody has waited for, which no
/// `wait4` accounts for.
struct SurvivorUsage: Hashable, Sendable {
    var userCPUSeconds = 0.0
    var systemCPUSeconds = 0.0
    var ioReadBytes: Int64 = 0
    var ioWriteBytes: Int64 = 0
    /// Largest resident set of any of them, ever.
    var peakRSSBytes: Int64 = 0

    init() {}

    /// Reads each process with the children it has reaped. Zombies are left out: whoever reaps them counts them.
    init(of processes: [Int32], _ roots: KernelRoots) {
        for process in processes {
            guard let stat = ProcessStat.read(process, roots), !stat.isZombie else { continue }
            userCPUSeconds += stat.userCPUSeconds + stat.reapedUserCPUSeconds
            systemCPUSeconds += stat.systemCPUSeconds + stat.reapedSystemCPUSeconds
            peakRSSBytes = max(peakRSSBytes, ProcessStatus.read(process, roots)?.peakRSSBytes ?? 0)
            guard let io = ProcessIO.read(process, roots) else { continue }
            ioReadBytes = saturatingSum(ioReadBytes, io.readBytes)
            ioWriteBytes = saturatingSum(ioWriteBytes, io.writeBytes)
        }
    }
}
