import Builds
import Testing

@testable import Server

/// Bodies as clients in the field send them.
enum BuildReports {
    static let fieldRequest = """
        {"pipeline":"demo/example-app","context":{"tool":"cmake","max_rss_gb":4,"num_steps":5,"avg_step_duration_s":60}}
        """

    static func start(_ id: String, pipeline: String = "shop/cart", recommendation: String? = nil) -> String {
        let named = recommendation.map { #","recommendation_id":"\#($0)""# } ?? ""
        return """
            {"pipeline":"\(pipeline)","run_id":"\(id)","branch":"main","commit":"abc","image":"gcc:14","tools":["cmake"],
            "requested_resources":{"cpu":4,"mem_gb":8,"concurrency":4},"started_at":"2026-03-01T12:00:00Z"\(named)}
            """
    }

    static func step(
        _ id: String, event: String, span: String = "1", at time: String = "2026-03-01T12:00:10Z",
        counters: String = "{}"
    ) -> String {
        """
        {"run_id":"\(id)","stage":"build","step":"compile","span_id":"\(span)","event":"\(event)","timestamp":"\(time)",
        "counters":\(counters)}
        """
    }

    static func complete(_ id: String, status: String = "success") -> String {
        #"{"run_id":"\#(id)","status":"\#(status)","duration_s":400}"#
    }

    static func wholeRun(
        _ number: Int, pipeline: String = "shop/cart", status: String = "success", peakBytes: Int = 3_000_000_000,
        seconds: Double = 300, jobs: Int = 4
    ) -> String {
        """
        {"pipeline":"\(pipeline)","build_number":\(number),"git_branch":"main","start_time":"2026-03-01T12:00:00Z",
        "duration_s":\(seconds),"status":"\(status)","tool":"cmake","concurrency":\(jobs),"cpu_req":\(jobs),"mem_req_gb":8,
        "steps":[{"name":"compile","duration_s":\(seconds),"cpu_usage_pct":\(jobs * 90),"rss_max_bytes":\(peakBytes),"exit_code":0}]}
        """
    }
}

extension API {
    /// Reports one run of one step, event by event, and expects every event to be taken.
    func reportRun(
        _ id: String, recommendation: String? = nil,
        counters: String = #"{"cpu_time_s":900,"peak_memory_bytes":3000000000,"exit_code":0}"#,
        status: String = "success"
    ) async throws {
        for (path, body) in [
            ("/builds/start", BuildReports.start(id, recommendation: recommendation)),
            ("/builds/step", BuildReports.step(id, event: "start")),
            ("/builds/step", BuildReports.step(id, event: "stop", at: "2026-03-01T12:05:10Z", counters: counters)),
            ("/builds/complete", BuildReports.complete(id, status: status)),
        ] {
            let answer = try await post(path, body)
            #expect(answer.status == 200, "\(path): \(answer.text)")
        }
    }
}
