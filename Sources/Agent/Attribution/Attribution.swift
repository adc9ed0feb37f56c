import Builds
import Glibc
import Telemetry

/// Finds the processes and pods that say which step of which run they belong to, follows them to their end, and hands
/// over what each step used. Needs nothing of the build but an environment variable or a label.
///
/// Pure of sockets to the server: who calls ``observe(at:)`` decides what becomes of the result. Call it when
/// ``nextLookSeconds`` has come, and when one of ``interests`` is ready.
struct Attribution {
    struct Configuration {
        var roots = KernelRoots()
        /// How often the whole list of processes is looked through, in seconds.
        var intervalSeconds = 1.0
        /// How long a step that has ended, and was reported, stays watched: a job runs one program after the other, and
        /// until then the step's cgroup surely has not been anybody else's.
        var settleSeconds = 5.0
        /// How often a step that runs is reported, in seconds.
        var reportIntervalSeconds = 60.0
        /// Whether to use the kernel's exit accounting where it may be used.
        var usesExitRecords = true
        /// Where kubelets keep their pods' volumes.
        var kubeletPaths = ["/var/lib/kubelet"]
        var pods = PodWatch.Configuration()
    }

    /// Numbers for the agent's own page.
    struct Counts: Hashable {
        var followed = 0
        var followedTotal = 0
        var finishedTotal = 0
        /// Steps that `inframind run` reports itself.
        var wrappedTotal = 0
        /// Steps not followed for want of room.
        var overflowTotal = 0
        /// Finished steps by source of their CPU time, in the order of ``CPUSource``.
        var bySource = [Int](repeating: 0, count: CPUSource.allCases.count)
    }

    private(set) var counts = Counts()
    /// Why the kernel's exit accounting is not used; `nil` while it is, or before it was tried.
    private(set) var exitRecordsReason: String?
    /// Why the kubelet could not be asked for its pods; `nil` when it could, or was not.
    var podTrouble: String? { podWatch?.trouble }
    /// When to look again, on the monotonic clock.
    private(set) var nextLookSeconds = 0.0
    /// Files of `/proc` opened so far by the scan.
    var openCount: Int { proc.openCount }

    private let configuration: Configuration
    private let proc: ProcDirectory
    private var table: ProcessTable
    private var podWatch: PodWatch?
    private var steps: [StepKey: FollowedStep] = [:]
    /// Steps there was no room for at the last look, so that each is counted once and not at every look.
    private var refused: Set<StepKey> = []
    /// Steps that were let go, oldest first: should more of one come, the next report is about all of it.
    private var resting: [FollowedStep] = []
    /// Runs in which `inframind run` was seen, oldest first.
    private var wrappedRuns: [String] = []
    /// The steps of followed pods, by UID, and the pods that roots of other steps live in: a pod's counters count both.
    private var podSteps: [String: StepKey] = [:]
    private var podsOfRoots: [Int32: String] = [:]
    private var listener: ExitRecordListener?
    private var ledger = ExitLedger()
    private var reapers: [Int32: ReaperReading] = [:]
    private var ends: [Int32: ProcessEnd] = [:]
    private var lastLookSeconds = 0.0
    private var nextScanSeconds = 0.0
    private var lastLookCost = 0.0
    private var totalLookCost = 0.0

    private struct ReaperReading {
        var startTicks: Int64
        var reaped: CPUSeconds
    }

    /// Builds that run side by side on one node: far beyond any real one, and a bound on what a hostile job can cost.
    private static let mostSteps = 512
    private static let mostResting = 256
    private static let processors = Double(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))

    /// - Throws: ``KernelFileError`` when there is no proc file system.
    init(_ configuration: Configuration) throws(KernelFileError) {
        self.configuration = configuration
        proc = try ProcDirectory(configuration.roots)
        table = ProcessTable(proc)
        let followsPods = !configuration.kubeletPaths.isEmpty || configuration.pods.kubelet != nil
        podWatch =
            followsPods
            ? PodWatch(configuration.roots, kubeletPaths: configuration.kubeletPaths, configuration.pods) : nil
    }

    /// What to wait for besides the time. The first are readable when a followed process ends: a look right then finds its
    /// account still complete, or loses the least. They change with every look.
    var interests: [DescriptorInterest] {
        ends.values.map { DescriptorInterest(descriptor: $0.descriptor, isForWriting: false) }
            + [podWatch?.interest].compactMap(\.self)
    }

    /// Looks, and returns what is to be reported: steps that have ended, and from time to time those that run.
    mutating func observe(at moment: Moment) -> [StepReading] {
        let costBefore = Self.threadSeconds()
        let isScan = moment.monotonicSeconds >= nextScanSeconds
        if isScan {
            nextScanSeconds = moment.monotonicSeconds + configuration.intervalSeconds
            table.refresh(at: moment)
            watchPods(moment)
        } else if hasEndedRoot() {
            // What it left behind is the step's, and must be known before the step is said to have ended.
            table.anticipate(at: moment)
        }
        podWatch?.advance(at: moment)
        if !table.carrierIDs.isEmpty || !steps.isEmpty { look(moment) }
        let readings = report(moment)
        letGo(moment)
        schedule(moment, cost: Self.threadSeconds() - costBefore)
        counts.followed = steps.count
        return readings
    }

    // MARK: One look

    private mutating func look(_ moment: Moment) {
        listen()
        // The order matters. A reaper is read before its children, so that a child it reaps meanwhile is not lost in
        // both; parents before children for the same reason; and the exits last, so that whoever is missing has told.
        let reapersBefore = reapers.reduce(into: [:]) { result, entry in
            result[entry.key] = reading(entry.key)
        }
        let readings = readProcesses(moment)
        drain()
        let owners = assign(readings)
        noteRSSOfTheDead(owners)

        var ended: [(key: StepKey, root: StepAccount.EndedRoot)] = []
        let byStep = Dictionary(grouping: readings.values.filter { owners[$0.processID] != nil }) {
            owners[$0.processID]
        }
        for (key, processes) in byStep {
            // A zombie that nobody reaps begins nothing.
            if let key, processes.contains(where: { !$0.hasEnded }) { _ = follow(key, moment) }
        }
        refused = refused.filter { byStep[$0] != nil && steps[$0] == nil }
        for key in Array(steps.keys) {
            let roots = steps[key]?.account.advance(byStep[key] ?? []) { readings[$0]?.startTicks == $1 } ?? []
            ended += roots.map { (key, $0) }
        }
        finish(ended, owners, moment)
        for key in Array(steps.keys) {
            steps[key]?.look(byStep[key] ?? [], at: moment, configuration.roots)
            let table = table
            steps[key]?.checkCgroup(configuration.roots, at: moment) { Self.isProcess($0, of: key, owners, table) }
        }
        markWrapped()
        renewReapers(reapersBefore)
        watchRoots()
        ledger.forget { readings[$0] != nil }
        lastLookSeconds = moment.monotonicSeconds
    }

    /// Reads every process that carries a step's variables, was a step's at the last look, or descends from such.
    private mutating func readProcesses(_ moment: Moment) -> [Int32: ProcessStat] {
        var starts = table.carrierIDs
        for step in steps.values { starts.formUnion(step.account.members.keys) }
        func start(_ process: Int32) -> Int64 { table[process]?.startTicks ?? .max }
        var readings: [Int32: ProcessStat] = [:]
        var seen: Set<Int32> = []
        // Older first: a parent is older than its children, and its walk finds them.
        for first in starts.sorted(by: { (start($0), $0) < (start($1), $1) }) where !seen.contains(first) {
            let descendants = ProcessTree(rootProcessID: first, roots: configuration.roots).descendants()
            for process in [first] + descendants where seen.insert(process).inserted {
                if let stat = table.admit(process, at: moment) { readings[process] = stat }
            }
        }
        return readings
    }

    /// Whose step each process is: its own word; else its parent's, and so on; else as before, for one whose parents
    /// have gone.
    private func assign(_ readings: [Int32: ProcessStat]) -> [Int32: StepKey] {
        var owners: [Int32: StepKey] = [:]
        for (process, reading) in readings {
            var ancestor = reading
            for _ in 0..<1024 {
                if let key = table[ancestor.processID]?.key {
                    owners[process] = key
                    break
                }
                guard let parent = readings[ancestor.parentID], parent.processID != ancestor.processID else { break }
                ancestor = parent
            }
            if owners[process] == nil { owners[process] = member(process, reading.startTicks) }
        }
        return owners
    }

    private func member(_ process: Int32, _ startTicks: Int64) -> StepKey? {
        steps.values.first { $0.account.members[process]?.startTicks == startTicks }?.key
    }

    /// Whether a process that was not in the look belongs to the step: it has begun since.
    private static func isProcess(
        _ process: Int32, of key: StepKey, _ owners: [Int32: StepKey], _ table: ProcessTable
    ) -> Bool {
        var process = process
        // Compilers start compilers: the first that was in the look may be several parents up.
        for _ in 0..<32 {
            if let owner = owners[process] { return owner == key }
            guard let parent = table.parent(of: process) else { return true }  // it has gone again
            // The first process has no parent, and neither has one whose parent is in another namespace.
            guard parent > 0 else { return false }
            process = parent
        }
        return false
    }

    /// Begins to follow a step, or goes on with one that had been quiet: a job runs one program after the other.
    ///
    /// - Returns: false for want of room.
    private mutating func follow(_ key: StepKey, _ moment: Moment) -> Bool {
        if steps[key] != nil { return true }
        guard steps.count < Self.mostSteps else {
            if refused.insert(key).inserted { counts.overflowTotal += 1 }
            return false
        }
        if let index = resting.firstIndex(where: { $0.key == key }) {
            steps[key] = resting.remove(at: index)
            steps[key]?.resume(at: moment)
        } else {
            steps[key] = FollowedStep(
                key, at: moment, slowestLookSeconds: max(0.1, min(1, configuration.intervalSeconds)))
            counts.followedTotal += 1
        }
        return true
    }

    // MARK: Roots that ended

    private mutating func finish(
        _ ended: [(key: StepKey, root: StepAccount.EndedRoot)], _ owners: [Int32: StepKey], _ moment: Moment
    ) {
        let elapsed = max(0, moment.monotonicSeconds - lastLookSeconds)
        let byReaper = Dictionary(grouping: ended) { $0.root.parentID }
        for (reaper, group) in byReaper {
            let after = reading(reaper)
            let growth = reapers[reaper].flatMap { before in
                after.flatMap { after in
                    after.startTicks == before.startTicks
                        ? RootEnding.Reaper(before: before.reaped, after: after.reaped) : nil
                }
            }
            if let after { reapers[reaper] = after }
            let siblings = RootEnding.Siblings(reaper: growth, floors: group.map(\.root.floor))
            for (key, root) in group {
                let (cpu, source) = RootEnding.judge(
                    root, ledger: listener == nil ? nil : ledger, siblings: siblings,
                    mostSeconds: elapsed * Self.processors)
                steps[key]?.account.finish(cpu, source)
                let outer = owners[reaper] ?? podsOfRoots[root.processID].flatMap { podSteps[$0] }
                if let outer, outer != key { steps[outer]?.account.enclose(cpu) }
            }
        }
    }

    /// Keeps what each root's reaper has reaped until now. A reading newer than the one before the look is the one that
    /// an end was judged by.
    private mutating func renewReapers(_ before: [Int32: ReaperReading?]) {
        var renewed: [Int32: ReaperReading] = [:]
        for step in steps.values {
            for root in step.account.rootIDs {
                guard let parent = step.account.members[root]?.parentID, parent > 0, renewed[parent] == nil else {
                    continue
                }
                let judged = reapers[parent]
                let old = before[parent] ?? nil
                if let judged, let old, judged.startTicks == old.startTicks {
                    renewed[parent] = judged.reaped.total > old.reaped.total ? judged : old
                } else {
                    renewed[parent] = reading(parent)
                }
            }
        }
        reapers = renewed
    }

    private func reading(_ process: Int32) -> ReaperReading? {
        proc.stat(process).map { ReaperReading(startTicks: $0.startTicks, reaped: $0.reaped) }
    }

    // MARK: The kernel's exit accounting

    /// Listens while something is followed: it costs every process that ends on the node a message.
    private mutating func listen() {
        guard configuration.usesExitRecords, listener == nil, exitRecordsReason == nil else { return }
        do throws(ExitRecordListener.Unavailable) {
            listener = try ExitRecordListener(configuration.roots)
        } catch {
            exitRecordsReason = error.description
        }
    }

    private mutating func drain() {
        guard let listener else { return }
        var heard = ledger
        if !listener.drain({ heard.add($0) }) { heard.noteLoss() }
        ledger = heard
    }

    private mutating func noteRSSOfTheDead(_ owners: [Int32: StepKey]) {
        guard !ledger.peakRSSBytes.isEmpty else { return }
        var before: [Int32: StepKey] = owners
        for (key, step) in steps { for process in step.account.members.keys { before[process] = key } }
        for (process, bytes) in ledger.peakRSSBytes {
            if let key = before[process] ?? ledger.ancestor(of: process, { before[$0] }) {
                steps[key]?.note(peakRSSBytes: bytes)
            }
        }
    }

    // MARK: Wrappers, pods, ends

    /// A step below `inframind run`, or begun by it, is measured by it already, and better. What is left of its run is
    /// the script around it, and would stand there as a build of no time.
    private mutating func markWrapped() {
        for (key, step) in steps where !step.isWrapped {
            let isWrapped = step.account.rootIDs.contains { root in
                // Roots that were there before have been asked, unless they are still on their way to their program.
                guard ends[root] == nil || table[root]?.isSettled == false else { return false }
                return isWrapper(root) || isWrapper(step.account.members[root]?.parentID ?? 0)
            }
            guard isWrapped else { continue }
            steps[key]?.isWrapped = true
            guard !wrappedRuns.contains(key.runID) else { continue }
            wrappedRuns.append(key.runID)
            if wrappedRuns.count > Self.mostSteps { wrappedRuns.removeFirst() }
        }
    }

    private func isWrapper(_ process: Int32) -> Bool {
        guard process > 0, let stat = proc.stat(process), stat.command == "inframind" else { return false }
        return proc.commandLine(process).dropFirst().first == "run"
    }

    private mutating func watchPods(_ moment: Moment) {
        guard let found = podWatch?.scan(at: moment) else { return }
        for pod in found where follow(pod.key, moment) {
            podSteps[pod.uid] = pod.key
            steps[pod.key]?.follow(pod: pod.uid, CgroupAccount(pod: pod.places), at: moment)
        }
    }

    private mutating func watchRoots() {
        let roots = Set(steps.values.flatMap(\.account.rootIDs))
        ends = ends.filter { roots.contains($0.key) }
        for root in roots where ends[root] == nil { ends[root] = ProcessEnd(root) }
        podSteps = podSteps.filter { steps[$0.value] != nil }
        podsOfRoots = podsOfRoots.filter { roots.contains($0.key) }
        guard !podSteps.isEmpty else { return }
        for root in roots where podsOfRoots[root] == nil {
            let paths = ProcessCgroup.read(String(root), configuration.roots)?.memberships.map(\.path) ?? []
            podsOfRoots[root] = paths.lazy.compactMap { PodCgroupPath($0)?.podUID }.first ?? ""
        }
    }

    private func hasEndedRoot() -> Bool {
        var entries = ends.values.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        return poll(&entries, nfds_t(entries.count), 0) > 0
    }

    // MARK: Afterwards

    /// What there is to be told. Nothing is waited for: all sources of a step's CPU time are complete at the look that
    /// misses its last process, and the server may be waiting.
    private mutating func report(_ moment: Moment) -> [StepReading] {
        var readings: [StepReading] = []
        for (key, step) in steps where step.isReportDue || step.hasUntoldEnd {
            // Whoever was told that a step runs is told how it ended.
            guard !isWrapped(step) || step.isTold && step.hasUntoldEnd else { continue }
            let reading = step.reading
            readings.append(reading)
            steps[key]?.noteReport(at: moment, pauseSeconds: configuration.reportIntervalSeconds)
        }
        return readings
    }

    private func isWrapped(_ step: FollowedStep) -> Bool {
        step.isWrapped || step.key.stepID == nil && wrappedRuns.contains(step.key.runID)
    }

    private mutating func letGo(_ moment: Moment) {
        for (key, step) in steps {
            guard let quiet = step.quietSeconds(at: moment), quiet >= configuration.settleSeconds else { continue }
            steps[key] = nil
            guard step.isTold else {
                counts.wrappedTotal += 1
                continue
            }
            resting.append(step)
            if resting.count > Self.mostResting { resting.removeFirst() }
            counts.finishedTotal += 1
            counts.bySource[step.reading.cpuSource.rawValue] += 1
        }
        if steps.isEmpty {
            listener = nil
            ledger = ExitLedger()
            reapers = [:]
            totalLookCost = 0
        }
    }

    private mutating func schedule(_ moment: Moment, cost: Double) {
        lastLookCost = cost
        totalLookCost += cost
        var next = nextScanSeconds
        for step in steps.values where step.isAlive {
            let interval = step.interval(at: moment, lastCost: lastLookCost, totalCost: totalLookCost)
            next = min(next, moment.monotonicSeconds + interval)
        }
        nextLookSeconds = next
    }

    private static func threadSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
