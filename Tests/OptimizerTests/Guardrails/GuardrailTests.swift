import Builds
import Testing

@testable import Optimizer

@Suite("Guardrails")
struct GuardrailTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var name: String
        var guardrail: any Guardrail.Type
        var facts: GuardrailFacts
        var before = ProposedSettings(jobs: 8, cores: 4, memoryGiB: 4)
        var after: ProposedSettings
        var testDescription: String { name }
    }

    static func facts(
        constraints: Constraints = Constraints(), extra: [String: JSONValue] = [:],
        _ change: (inout GuardrailFacts) -> Void = { _ in }
    ) -> GuardrailFacts {
        var context = BuildContext()
        context.extra = extra
        var facts = GuardrailFacts(bounds: SettingsBounds(constraints: constraints, context: context))
        change(&facts)
        return facts
    }

    static func constraints(_ change: (inout Constraints) -> Void) -> Constraints {
        var constraints = Constraints()
        change(&constraints)
        return constraints
    }

    @Test(
        "Each does what its name says",
        arguments: [
            Row(
                name: "observed peak", guardrail: ObservedPeakGuardrail.self,
                facts: facts { $0.observedPeakGiB = 5 },
                after: ProposedSettings(jobs: 8, cores: 4, memoryGiB: 5)),
            Row(
                name: "a smaller observed peak", guardrail: ObservedPeakGuardrail.self,
                facts: facts { $0.observedPeakGiB = 3 },
                after: ProposedSettings(jobs: 8, cores: 4, memoryGiB: 4)),
            Row(
                name: "OOM floor", guardrail: OOMFloorGuardrail.self, facts: facts { $0.oomFloorGiB = 6 },
                after: ProposedSettings(jobs: 8, cores: 4, memoryGiB: 6)),
            Row(
                name: "early request", guardrail: EarlyRequestGuardrail.self,
                facts: facts { $0.earlyRequestGiB = 9 },
                after: ProposedSettings(jobs: 8, cores: 4, memoryGiB: 9)),
            Row(
                name: "stated peak", guardrail: StatedPeakGuardrail.self, facts: facts { $0.statedFloorGiB = 7 },
                after: ProposedSettings(jobs: 8, cores: 4, memoryGiB: 7)),
            Row(
                name: "upper constraints", guardrail: ConstraintsGuardrail.self,
                facts: facts(
                    constraints: constraints {
                        $0.maxJobs = 6
                        $0.maxCPUMillicores = 2500
                        $0.maxMemoryBytes = 3 << 30
                    }),
                after: ProposedSettings(jobs: 6, cores: 2.5, memoryGiB: 3)),
            Row(
                name: "lower constraint", guardrail: ConstraintsGuardrail.self,
                facts: facts(constraints: constraints { $0.minMemoryBytes = 6 << 30 }),
                after: ProposedSettings(jobs: 8, cores: 4, memoryGiB: 6)),
            Row(
                name: "contradicting constraints", guardrail: ConstraintsGuardrail.self,
                facts: facts(
                    constraints: constraints {
                        $0.minMemoryBytes = 6 << 30
                        $0.maxMemoryBytes = 2 << 30
                    }),
                after: ProposedSettings(jobs: 8, cores: 4, memoryGiB: 2)),
            Row(
                name: "a constraint below the stated peak", guardrail: ConstraintsGuardrail.self,
                facts: facts(constraints: constraints { $0.maxMemoryBytes = 2 << 30 }) { $0.statedFloorGiB = 3 },
                after: ProposedSettings(jobs: 8, cores: 4, memoryGiB: 3)),
            Row(
                name: "a small node", guardrail: NodeCapacityGuardrail.self,
                facts: facts(extra: ["node_cpu": 2, "node_mem_gb": 3]),
                after: ProposedSettings(jobs: 8, cores: 2, memoryGiB: 3)),
            Row(
                name: "a node described in words", guardrail: NodeCapacityGuardrail.self,
                facts: facts(extra: ["node_cpu": "two", "node_mem_gb": .null]),
                after: ProposedSettings(jobs: 8, cores: 4, memoryGiB: 4)),
            Row(
                name: "many jobs on few cores", guardrail: CPUForJobsGuardrail.self, facts: facts(),
                before: ProposedSettings(jobs: 20, cores: 2, memoryGiB: 4),
                after: ProposedSettings(jobs: 20, cores: 5, memoryGiB: 4)),
            Row(
                name: "many jobs and no more cores to have", guardrail: CPUForJobsGuardrail.self,
                facts: facts(extra: ["node_cpu": 3]),
                before: ProposedSettings(jobs: 20, cores: 2, memoryGiB: 4),
                after: ProposedSettings(jobs: 12, cores: 3, memoryGiB: 4)),
            Row(
                name: "too little of everything", guardrail: StepLimitsGuardrail.self, facts: facts(),
                before: ProposedSettings(jobs: 0, cores: 0, memoryGiB: 0),
                after: ProposedSettings(jobs: 1, cores: 0.25, memoryGiB: 0.0625)),
            Row(
                name: "too much of everything", guardrail: StepLimitsGuardrail.self, facts: facts(),
                before: ProposedSettings(jobs: 1e9, cores: 1e9, memoryGiB: 1e9),
                after: ProposedSettings(jobs: 512, cores: 2048, memoryGiB: 4096)),
        ])
    func each(_ row: Row) {
        var settings = row.before
        row.guardrail.apply(to: &settings, given: row.facts)
        #expect(settings == row.after)
    }

    @Test("Every guardrail has a name of its own")
    func names() {
        #expect(Set(Guardrails.all.map { $0.name }).count == Guardrails.all.count)
    }

    @Test("What acted is recorded, in order, with before and after")
    func actions() {
        var settings = ProposedSettings(jobs: 8, cores: 1, memoryGiB: 4)
        let actions = Guardrails.apply(
            to: &settings,
            given: Self.facts(constraints: Self.constraints { $0.maxMemoryBytes = 5 << 30 }) {
                $0.observedPeakGiB = 6
            })
        #expect(
            actions == [
                GuardrailAction(name: "observed_peak", setting: .memory, before: 4, after: 6),
                GuardrailAction(name: "constraints", setting: .memory, before: 6, after: 5),
                GuardrailAction(name: "cpu_for_jobs", setting: .cpu, before: 1, after: 2),
            ])
    }

    /// Numbers that break arithmetic, among ordinary ones.
    static func number(using generator: inout SplitMix64) -> Double {
        let hostile = [0, -1, 1e308, -1e308, 1e-308, 0.3, 1, 64, 4096, Double.infinity]
        return Bool.random(using: &generator)
            ? hostile.randomElement(using: &generator) ?? 0 : Double.random(in: 0.01...300, using: &generator)
    }

    static func randomFacts(using generator: inout SplitMix64) -> GuardrailFacts {
        func maybe(_ value: Double) -> Double? { Bool.random(using: &generator) ? value : nil }
        var constraints = Constraints()
        constraints.maxJobs = maybe(number(using: &generator)).map { Int($0.clamped(to: -1e18...1e18)) }
        constraints.maxCPUMillicores = maybe(number(using: &generator)).map { Int($0.clamped(to: -1e18...1e18)) }
        constraints.minMemoryBytes = maybe(number(using: &generator)).map(Units.bytes(gib:))
        constraints.maxMemoryBytes = maybe(number(using: &generator)).map(Units.bytes(gib:))
        var extra: [String: JSONValue] = [:]
        extra["node_cpu"] = maybe(number(using: &generator)).map(JSONValue.number)
        extra["node_mem_gb"] = maybe(number(using: &generator)).map(JSONValue.number)
        return facts(constraints: constraints, extra: extra) {
            $0.statedFloorGiB = maybe(number(using: &generator))?.clamped(to: SettingsRange.memoryGiB)
            $0.observedPeakGiB = maybe(number(using: &generator))?.clamped(to: MemoryModel.plausiblePeaksGiB)
            $0.oomFloorGiB = maybe(number(using: &generator))
            $0.earlyRequestGiB = maybe(number(using: &generator))
        }
    }

    @Test("Whatever is proposed and known, all rules hold afterwards, and a second pass changes nothing")
    func properties() {
        var generator = SplitMix64(seed: 42)
        for _ in 0..<20_000 {
            let facts = Self.randomFacts(using: &generator)
            let proposed = ProposedSettings(
                jobs: Self.number(using: &generator), cores: Self.number(using: &generator),
                memoryGiB: Self.number(using: &generator))
            var settings = proposed
            _ = Guardrails.apply(to: &settings, given: facts)
            var again = settings
            _ = Guardrails.apply(to: &again, given: facts)
            let broken = Self.brokenRules(settings, facts)
            #expect(broken.isEmpty && again == settings, "\(broken) \(proposed) \(facts) \(settings) \(again)")
            if !broken.isEmpty || again != settings { return }
        }
    }

    /// The rules that settings break, by name.
    static func brokenRules(_ settings: ProposedSettings, _ facts: GuardrailFacts) -> [String] {
        let bounds = facts.bounds
        let stated = facts.statedFloorGiB ?? 0
        let memoryCeiling = max(SettingsRange.memoryGiB.lowerBound, stated, bounds.memoryCeilingGiB)
        let memoryFloors = [facts.observedPeakGiB, facts.oomFloorGiB, facts.earlyRequestGiB, bounds.minMemoryGiB]
        let rules: [(String, Bool)] = [
            ("jobs in range", SettingsRange.jobs.contains(settings.jobs)),
            ("whole jobs", settings.jobs == settings.jobs.rounded()),
            ("cores in range", SettingsRange.cores.contains(settings.cores)),
            ("memory in range", SettingsRange.memoryGiB.contains(settings.memoryGiB)),
            ("stated peak", settings.memoryGiB >= stated),
            ("memory ceiling", settings.memoryGiB <= memoryCeiling),
            ("jobs ceiling", settings.jobs <= bounds.maxJobs ?? .infinity),
            ("cores ceiling", settings.cores <= bounds.coresCeiling),
            ("cores for jobs", settings.cores * SettingsBounds.maxJobsPerCore >= settings.jobs),
            (
                "memory floors",
                memoryFloors.allSatisfy { settings.memoryGiB >= min($0 ?? 0, memoryCeiling) }
            ),
        ]
        return rules.filter { !$0.1 }.map(\.0)
    }

    @Test("Only peaks of runs like this one count: same configuration, cache and branch, no more jobs")
    func observedPeak() {
        let chain = KeyChain(
            step: StepIdentity(pipeline: "p"), configuration: ConfigurationKey(context: .declaring()))
        let warm = BuildConditions(cacheState: .warm, branch: .main)
        func record(_ peak: Double, jobs: Double = 4, _ conditions: BuildConditions = warm) -> StepRecord {
            StepRecord(
                conditions: conditions, jobs: jobs, timing: nil, peakGiB: peak, keys: Array(chain.ownKeys))
        }
        let old = [record(50)] + Array(repeating: record(2), count: 10)
        func peak(_ records: [StepRecord]) -> Double? {
            ObservedPeakGuardrail.observedPeakGiB(records, chain: chain, conditions: warm, jobs: 4)
        }
        #expect(peak(old) == 2, "only the last ten count")
        #expect(peak(old + [record(3)]) == 3)
        #expect(peak(old + [record(9, jobs: 8)]) == 2)
        #expect(peak(old + [record(9, BuildConditions(cacheState: .cold, branch: .main))]) == 2)
        #expect(peak(old + [record(9, BuildConditions(cacheState: .warm, branch: .release))]) == 2)
        #expect(peak([]) == nil)
    }
}
