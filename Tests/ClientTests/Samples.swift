import Builds
import Client

extension RunReport {
    /// A complete report of one step.
    static func sample(_ name: String = "run-1", scope: Scope = .run) -> RunReport {
        let started = Timestamp(microseconds: 1_700_000_000_000_000)
        var usage = Usage()
        usage.exitCode = 0
        let step = Step(
            runID: RunID(name), spanID: "s1", stage: "build", step: "make", startedAt: started,
            stop: StepStop(stoppedAt: started.advanced(bySeconds: 2), usage: usage))
        return RunReport(
            run: Run(id: RunID(name), pipeline: "app", branch: "main", commit: "", image: "", startedAt: started),
            scope: scope, steps: [step], completion: RunCompletion(status: .success, durationSeconds: 2))
    }
}

/// An answer of `POST /optimize` as the wire contract shows it.
let sampleAnswer = """
    {"suggestions":{"concurrency":6,"cpu_req":6,"mem_req_gb":8,"cache":{"ccache":true,"size_gb":10}},
     "rationale":"6 jobs fit into 8 GiB","confidence":0.83,"recommendation_id":"rec-1","mode":"suggest",
     "source":"model","explored":false,"propensity":1,"predicted":{"duration_s":{"p50":412,"p90":470},
     "peak_memory_gb":{"p50":4.9,"limit_quantile":6.9},"oom_probability":0.004,"cost_usd":0.031},
     "baseline":{"concurrency":4,"cpu_req":4,"mem_req_gb":16,"predicted_duration_s":588,"cost_usd":0.052},
     "limits":{"cpu":6,"mem_gb":8},"steps":{},"reasons":[],"guardrails":[],"model_version":"m1",
     "expires_at":"2026-03-01T12:30:00Z"}
    """
