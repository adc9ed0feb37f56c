import Glibc
import Synchronization

/// Why a step gets no cgroup of its own: one sentence, with the remedy where there is one.
public struct StepCgroupRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    public var description: String
}

extension StepCgroup {
    /// What to make.
    struct Request {
        var memoryLimitBytes: Int64?
        var cpuLimitMillicores: Int?
        /// The wrapper, and how to find what belongs to it.
        var tree: ProcessTree
    }

    /// Directories left behind by a killed wrapper are told from those just made by their age, in seconds: a directory
    /// is empty only in the moments before the wrapper enters it.
    private static let staleAfterSeconds = 60

    private static let prefix = "inframind-step-"
    private static let serial = Atomic<Int>(0)

    /// `inframind-step-PID-N`: unique among the wrappers of a PID namespace, and within each.
    static func newName(_ processID: Int32) -> String {
        "\(prefix)\(processID)-\(serial.add(1, ordering: .relaxed).newValue)"
    }

    /// Makes the step's cgroup, or says why there can be none. On throwing, nothing is left behind.
    static func make(_ layout: CgroupLayout, _ request: Request) throws(StepCgroupRefusal) -> StepCgroup {
        guard let memory = layout.memory else {
            throw StepCgroupRefusal(description: "no cgroup hierarchy with the memory controller is mounted")
        }
        guard memory.isExact else {
            throw StepCgroupRefusal(
                description: "this process's cgroup is outside the mounted hierarchy; mount the container's own")
        }
        guard !memory.isReadOnly else {
            throw StepCgroupRefusal(description: "\(memory.top) is mounted read-only; mount it writable")
        }
        return switch memory.version {
        case .v1: try makeV1(layout, memory, request)
        case .v2: try makeV2(memory, request)
        }
    }

    private static func makeV1(
        _ layout: CgroupLayout, _ memory: CgroupDirectory, _ request: Request
    ) throws(StepCgroupRefusal) -> StepCgroup {
        let name = newName(request.tree.rootProcessID)
        let memoryPlace = try place(name, in: memory)
        var others: [Place] = []
        var notes: [String] = []
        var cpuLimit: CgroupDirectory?
        func add(_ home: CgroupDirectory?) -> CgroupDirectory? {
            guard let home, home.isExact, !home.isReadOnly, let place = try? place(name, in: home) else { return nil }
            others.append(place)
            return place.step
        }
        if let limit = request.cpuLimitMillicores {
            cpuLimit = add(layout.v1.first { $0.controllers.contains("cpu") })
            notes += enforceCPU(limit, cpuLimit)
        }
        // Alone, cpuacct only counts; mounted together with `cpu` it changes the step's share.
        if let counting = layout.v1.first(where: { $0.controllers == ["cpuacct"] }) { _ = add(counting) }
        if let unified = layout.unified, unified.has("cpu.stat") { _ = add(unified) }
        notes += enforceMemory(request.memoryLimitBytes, memoryPlace.step)
        return StepCgroup(memory: memoryPlace, others: others, cpuLimit: cpuLimit, delegation: nil, notes: notes)
    }

    /// v2 allows processes only in leaves, and controllers only below inner nodes. Three ways out, gentlest first.
    private static func makeV2(
        _ own: CgroupDirectory, _ request: Request
    ) throws(StepCgroupRefusal) -> StepCgroup {
        let wanted = request.cpuLimitMillicores == nil ? ["memory"] : ["memory", "cpu"]
        let name = newName(request.tree.rootProcessID)
        let made: (home: CgroupDirectory, parent: CgroupDirectory, delegation: CgroupDelegation?)
        if own.isHierarchyRoot {
            // The machine's root may hold both processes and controllers.
            guard CgroupDelegation.enable(wanted, in: own) else {
                throw StepCgroupRefusal(description: "the memory controller cannot be enabled at the cgroup root")
            }
            made = (own, own, nil)
        } else if let delegation = CgroupDelegation.make(own, request.tree, controllers: wanted) {
            made = (delegation.leaf, own, delegation)
        } else if let parent = own.parent, parent.words("cgroup.subtree_control").contains("memory") {
            if let limit = CgroupDelegation.firstLimit(of: own) {
                throw StepCgroupRefusal(
                    description: "this process's cgroup has a limit of its own (\(limit)), which a cgroup beside it "
                        + "would escape; run the wrapper alone in a delegated cgroup (systemd-run -p Delegate=yes)")
            }
            made = (own, parent, nil)
        } else {
            throw StepCgroupRefusal(
                description: "this process's cgroup holds other processes and may not be divided; run the wrapper "
                    + "alone in a delegated cgroup (systemd-run -p Delegate=yes)")
        }
        do throws(StepCgroupRefusal) {
            var place = try place(name, in: made.parent)
            place.home = made.home
            var notes = enforceMemory(request.memoryLimitBytes, place.step)
            var cpuLimit: CgroupDirectory?
            if let limit = request.cpuLimitMillicores {
                cpuLimit = place.step.has("cpu.max") ? place.step : nil
                notes += enforceCPU(limit, cpuLimit)
            }
            return StepCgroup(
                memory: place, others: [], cpuLimit: cpuLimit, delegation: made.delegation, notes: notes)
        } catch {
            made.delegation?.undo()
            throw error
        }
    }

    private static func place(_ name: String, in home: CgroupDirectory) throws(StepCgroupRefusal) -> Place {
        sweep(home)
        let step = home.child(name)
        do throws(KernelFileError) {
            try step.make()
        } catch {
            throw StepCgroupRefusal(description: "no cgroup can be made: \(error)")
        }
        return Place(home: home, step: step)
    }

    private static func enforceMemory(_ limitBytes: Int64?, _ directory: CgroupDirectory) -> [String] {
        guard let limitBytes else { return [] }
        do throws(KernelFileError) {
            try CgroupMemory.setLimit(bytes: limitBytes, of: directory)
            return []
        } catch {
            return ["the memory limit is not enforced: \(error)"]
        }
    }

    private static func enforceCPU(_ millicores: Int, _ directory: CgroupDirectory?) -> [String] {
        guard let directory else { return ["the CPU limit is not enforced: no cgroup with the cpu controller"] }
        do throws(KernelFileError) {
            try CgroupCPUQuota.set(millicores: millicores, of: directory)
            return []
        } catch {
            return ["the CPU limit is not enforced: \(error)"]
        }
    }

    /// Removes empty directories of wrappers that were killed before they could.
    private static func sweep(_ home: CgroupDirectory) {
        for name in home.childNames() where name.hasPrefix(prefix) {
            guard let owner = name.dropFirst(prefix.count).split(separator: "-").first.flatMap({ Int32($0) }),
                kill(owner, 0) != 0, errno == ESRCH
            else { continue }
            let stale = home.child(name)
            var status = stat()
            guard stat(stale.path, &status) == 0, time(nil) - status.st_mtim.tv_sec > staleAfterSeconds else {
                continue
            }
            try? stale.remove()  // refused while anything lives in it
        }
    }
}
