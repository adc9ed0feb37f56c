import Glibc

/// A control group made for one step, in the hierarchy that accounts for memory, and where they cost nothing also in
/// those that count CPU time and pressure.
///
/// Moving a process makes the kernel wait until every processor has passed through the scheduler, about ten milliseconds,
/// whoever is moved. Two ways avoid it, and children are born where the thread that makes them is:
/// - v1: the thread that spawns moves *itself* in, alone, and back. A thread that moves itself needs no such wait.
/// - v2: the child is made in ``birthplace`` by `clone3`. Where that is refused the wrapper moves itself, all threads.
///
/// Memory charged before a move stays with the old cgroup.
///
/// A cgroup in the v1 `cpu` or `blkio` hierarchy, or with the v2 `cpu` controller, competes for the resource as *one*
/// party however many processes are in it. A measurement must not slow a build down, so those are used only where a CPU
/// limit is asked for.
public final class StepCgroup: Sendable {
    /// One hierarchy's part: where the wrapper lives, and the step's directory.
    struct Place: Sendable {
        var home: CgroupDirectory
        var step: CgroupDirectory
    }

    /// The directory that accounts for memory.
    public let memory: CgroupDirectory
    /// A directory that counts CPU time, where one could be made.
    let cpuTime: CgroupDirectory?
    /// A v2 directory, with pressure and, where the controller is on, I/O; where one could be made.
    let unified: CgroupDirectory?
    /// The directory that has the CPU quota, where one was asked for and could be made.
    let cpuLimit: CgroupDirectory?
    /// A descriptor of the v2 directory, for a process to be born there; closed with this object.
    public let birthplace: Int32?
    let places: [Place]
    /// Present when the wrapper's own v2 cgroup was turned into an inner node.
    let delegation: CgroupDelegation?
    /// Sentences on what was wanted and could not be had.
    let notes: [String]

    init(memory: Place, others: [Place], cpuLimit: CgroupDirectory?, delegation: CgroupDelegation?, notes: [String]) {
        self.memory = memory.step
        self.cpuLimit = cpuLimit
        self.delegation = delegation
        self.notes = notes
        places = [memory] + others
        unified = places.first { $0.step.version == .v2 }?.step
        birthplace = unified.flatMap { directory in
            let descriptor = open(directory.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            return descriptor >= 0 ? descriptor : nil
        }
        cpuTime = places.first { $0.step.version == .v2 || $0.step.controllers.contains("cpuacct") }?.step
    }

    deinit {
        if let birthplace { close(birthplace) }
    }

    /// Moves the calling thread in, v1, and the calling process, v2.
    ///
    /// - Parameter bornInPlace: the child will be made in ``birthplace``, so nobody has to move in v2.
    /// - Returns: false when the memory hierarchy refused; the caller is then where it was.
    @discardableResult
    public func enter(bornInPlace: Bool = false) -> Bool {
        for (index, place) in places.enumerated() where !(bornInPlace && place.step.version == .v2) {
            if !Self.move(to: place.step), index == 0 { return false }  // the first place is the memory's
        }
        return true
    }

    /// Moves the caller of ``enter(bornInPlace:)`` back, on the same thread; children stay.
    public func leave(bornInPlace: Bool = false) {
        for place in places where !(bornInPlace && place.step.version == .v2) { _ = Self.move(to: place.home) }
    }

    /// Moves the calling thread where that is possible, else its whole process. 0 is the writer, in any PID namespace.
    private static func move(to directory: CgroupDirectory) -> Bool {
        if directory.version == .v1, (try? directory.write("0", to: "tasks")) != nil { return true }
        return (try? directory.write("0", to: "cgroup.procs")) != nil
    }

    /// Moves what is still alive to the wrapper's own cgroup, and removes the step's directories.
    ///
    /// - Returns: false when a directory could not be removed; a later step of any wrapper removes it once it is empty.
    @discardableResult
    public func remove() -> Bool {
        var isClean = true
        for place in places where !Self.remove(place.step, movingTo: place.home) { isClean = false }
        delegation?.undo()
        return isClean
    }

    /// Moves the processes of `directory`, and of cgroups made below it, to `home`, and removes it.
    static func remove(_ directory: CgroupDirectory, movingTo home: CgroupDirectory, depth: Int = 0) -> Bool {
        // Deeper nesting than container-in-container-in-container is not ours to clear up.
        guard depth < 8 else { return false }
        for name in directory.childNames() { _ = remove(directory.child(name), movingTo: home, depth: depth + 1) }
        // A process that forks while it is being moved leaves its child behind, and one that is exiting can be neither
        // moved nor passed over; the kernel gives no notice of its end in v1. Both are a matter of milliseconds:
        // waiting 1 + 2 + 4 … ms, eight times, gives it a quarter of a second.
        for attempt in 0..<8 {
            for process in (try? directory.processes()) ?? [] where process > 0 {
                try? home.write("\(process)", to: "cgroup.procs")
            }
            do throws(KernelFileError) {
                try directory.remove()
                return true
            } catch {
                if error.isMissing { return true }
                guard error.code == EBUSY else { return false }
            }
            poll(nil, 0, 1 << attempt)
        }
        return false
    }
}
