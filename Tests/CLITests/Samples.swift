import Contract
import Foundation

/// An answer of `POST /optimize`; `mode` and `jobs` as a test needs them.
func sampleAnswer(mode: String = "suggest", jobs: Int = 6) -> String {
    """
    {"suggestions":{"concurrency":\(jobs),"cpu_req":6,"mem_req_gb":8,"cache":{"ccache":true,"size_gb":10}},
     "rationale":"\(jobs) jobs fit into 8 GiB","confidence":0.83,"recommendation_id":"rec-1","mode":"\(mode)",
     "source":"model","explored":false,"propensity":1,"predicted":{"duration_s":{"p50":412,"p90":470},
     "peak_memory_gb":{"p50":4.9,"limit_quantile":6.9},"oom_probability":0.004,"cost_usd":0.031},
     "baseline":{"concurrency":4,"cpu_req":4,"mem_req_gb":16,"predicted_duration_s":588,"cost_usd":0.052},
     "limits":{"cpu":5.5,"mem_gb":7.25},"steps":{"link":{"concurrency":1,"mem_gb":7}},
     "reasons":[{"code":"memory_quantile","text":"214 runs","evidence":{"runs":214,"quantile":0.997}}],
     "guardrails":[{"name":"observed_peak","setting":"memory","before":5.1,"after":7.25}],"model_version":"m1",
     "expires_at":"2026-03-01T12:30:00Z"}
    """
}

func decodedAnswer(mode: String = "suggest", jobs: Int = 6) throws -> OptimizeAnswer {
    try JSONDecoder().decode(OptimizeAnswer.self, from: Data(sampleAnswer(mode: mode, jobs: jobs).utf8))
}
