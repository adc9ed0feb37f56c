import Builds
import Optimizer

/// What the builds of a pipeline did, added up.
struct PipelineFigures: Sendable {
    /// A part of what builds cost.
    struct Expense: Hashable, Sendable {
        enum Resource: String, CaseIterable {
            case cpu, memory
        }

        var resource: Resource
        var ending: StepAccount.Ending
    }

    /// Seconds: from a build that had nothing to do to the night's.
    static let durationBounds = [5.0, 15, 30, 60, 120, 180, 300, 600, 900, 1200, 1800, 3600, 7200]

    var builds: [RunStatus: UInt64] = [:]
    /// Of builds that succeeded.
    var durations = Distribution(bounds: durationBounds)
    var stepsKilled: UInt64 = 0
    var promisedSteps: UInt64 = 0
    /// Kills to be expected by what was promised.
    var promisedKills = 0.0
    var killsOfPromised: UInt64 = 0
    var memory = Sum()
    var cpu = Sum()
    var throttledSeconds = 0.0
    var cacheHits: UInt64 = 0
    var cacheMisses: UInt64 = 0
    var costUSD: [Expense: Double] = [:]
    var unusedUSD: [Expense.Resource: Double] = [:]

    struct Sum: Sendable {
        var asked = 0.0
        var used = 0.0

        mutating func add(_ consumption: StepAccount.Consumption?) {
            guard let consumption else { return }
            asked += consumption.asked
            used += consumption.used
        }
    }

    mutating func add(_ build: BuildAccount) {
        builds[build.status, default: 0] += 1
        if build.status == .success { durations.observe(build.durationSeconds) }
        for step in build.steps { add(step) }
    }

    private mutating func add(_ account: StepAccount) {
        let isKilled = account.ending == .oomKilled
        if isKilled { stepsKilled += 1 }
        if let risk = account.promisedRisk {
            promisedSteps += 1
            promisedKills += risk
            if isKilled { killsOfPromised += 1 }
        }
        memory.add(account.memory)
        cpu.add(account.cpu)
        throttledSeconds += account.throttledSeconds
        cacheHits &+= UInt64(account.cacheHits)
        cacheMisses &+= UInt64(account.cacheMisses)
        for (resource, cost) in [(Expense.Resource.cpu, account.cpuCostUSD), (.memory, account.memoryCostUSD)] {
            guard let cost else { continue }
            costUSD[Expense(resource: resource, ending: account.ending), default: 0] += cost
        }
        unusedUSD[.cpu, default: 0] += account.cpuUnusedUSD ?? 0
        unusedUSD[.memory, default: 0] += account.memoryUnusedUSD ?? 0
    }
}
