import Builds
import Optimizer
import Telemetry

/// What builds did, by tenant and pipeline.
extension MetricsPage {
    private typealias Sample = PrometheusText.Sample

    private var pipelines: [(name: BuildFigures.Name, figures: PipelineFigures)] {
        counts.builds.pipelines.filter { shows($0.key.tenant) }.sorted { $0.key < $1.key }
            .map { (name: $0.key, figures: $0.value) }
    }

    private func samples(_ value: (PipelineFigures) -> Double) -> [PrometheusText.Sample] {
        pipelines.map { name, figures in
            Sample(labels: ["tenant": name.tenant, "pipeline": name.pipeline], value: value(figures))
        }
    }

    /// One for each word the label can be.
    private func samples<Word: CaseIterable & RawRepresentable<String>>(
        _ words: Word.Type, _ label: String, _ value: (PipelineFigures, Word) -> Double
    ) -> [PrometheusText.Sample] {
        pipelines.flatMap { name, figures in
            Word.allCases.map {
                Sample(
                    labels: ["tenant": name.tenant, "pipeline": name.pipeline, label: $0.rawValue],
                    value: value(figures, $0))
            }
        }
    }

    func builds(_ page: inout PrometheusText) {
        page.counter(
            "inframind_builds_total", help: "Builds that ended, by status.",
            samples(RunStatus.self, "status") { Double($0.builds[$1] ?? 0) })
        page.histogram(
            "inframind_build_duration_seconds", help: "Duration of builds that succeeded.",
            pipelines.map { name, figures in
                .init(labels: ["tenant": name.tenant, "pipeline": name.pipeline], figures.durations)
            })
        page.counter(
            "inframind_builds_late_total",
            help:
                "Builds that had ended more than a day before they were learned; they are in no other series of this section.",
            [.init(value: Double(counts.builds.lateBuilds))])
        page.counter(
            "inframind_oom_killed_steps_total", help: "Attempts of steps that were killed for want of memory.",
            samples { Double($0.stepsKilled) })
        page.counter(
            "inframind_promised_steps_total",
            help: "First attempts of steps that had the memory they were recommended.",
            samples { Double($0.promisedSteps) })
        page.counter(
            "inframind_promised_oom_kills_total",
            help: "Kills to be expected among them: the sum of the stated risks.", samples { $0.promisedKills })
        page.counter(
            "inframind_promised_steps_oom_killed_total", help: "Those among them that were killed for want of memory.",
            samples { Double($0.killsOfPromised) })
        page.counter(
            "inframind_events_total", help: "What learning had to say, by kind.",
            counts.builds.events.filter { shows($0.key) }.sorted { $0.key < $1.key }.flatMap { tenant, kinds in
                Alert.Kind.allCases.map {
                    Sample(labels: ["tenant": tenant, "kind": $0.rawValue], value: Double(kinds[$0] ?? 0))
                }
            })
    }

    func resources(_ page: inout PrometheusText) {
        page.counter(
            "inframind_memory_asked_byte_seconds_total",
            help:
                "Memory that steps were given, times their duration; where their peak is known and they were not killed.",
            samples { $0.memory.asked })
        page.counter(
            "inframind_memory_used_byte_seconds_total",
            help: "Peak memory of the same steps, at most what they were given, times their duration.",
            samples { $0.memory.used })
        page.counter(
            "inframind_cpu_asked_core_seconds_total",
            help:
                "Cores that steps were given, times their duration; where their CPU time is known and they were not killed.",
            samples { $0.cpu.asked })
        page.counter(
            "inframind_cpu_used_core_seconds_total",
            help: "CPU time of the same steps, at most what they were given.", samples { $0.cpu.used })
        page.counter(
            "inframind_cpu_throttled_seconds_total", help: "Time that CPU quotas stopped steps.",
            samples { $0.throttledSeconds })
        page.counter(
            "inframind_compiler_cache_hits_total", help: "Compilations in steps that a compiler cache answered.",
            samples { Double($0.cacheHits) })
        page.counter(
            "inframind_compiler_cache_misses_total", help: "Compilations in steps that a compiler cache did not know.",
            samples { Double($0.cacheMisses) })
        page.counter(
            "inframind_cost_usd_total",
            help: "US dollars for what steps were given as long as they ran, by resource and how they ended.",
            pipelines.flatMap { name, figures in
                PipelineFigures.Expense.Resource.allCases.flatMap { resource in
                    StepAccount.Ending.allCases.map { ending in
                        Sample(
                            labels: [
                                "tenant": name.tenant, "pipeline": name.pipeline, "resource": resource.rawValue,
                                "ending": ending.rawValue,
                            ], value: figures.costUSD[.init(resource: resource, ending: ending)] ?? 0)
                    }
                }
            })
        page.counter(
            "inframind_unused_cost_usd_total",
            help:
                "US dollars of it for what nobody used, by resource; of steps whose usage is known and that were not killed.",
            pipelines.flatMap { name, figures in
                PipelineFigures.Expense.Resource.allCases.map { resource in
                    Sample(
                        labels: [
                            "tenant": name.tenant, "pipeline": name.pipeline, "resource": resource.rawValue,
                        ], value: figures.unusedUSD[resource] ?? 0)
                }
            })
    }
}
