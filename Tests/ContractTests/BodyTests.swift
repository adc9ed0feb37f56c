import Builds
import Contract
import Foundation
import Testing

private let noon = Timestamp(rfc3339: "2026-03-01T12:00:00Z") ?? Timestamp(microseconds: 0)

private func decode<Body: Decodable>(_ json: String, as type: Body.Type = Body.self) throws -> Body {
    try JSONDecoder().decode(type, from: Data(json.utf8))
}

/// The fields `body` is refused for; empty when it is accepted.
private func refused(_ body: () throws -> Void) throws -> [String] {
    do {
        try body()
        return []
    } catch let invalid as InvalidBody {
        return invalid.errors.map(\.field)
    }
}

@Suite("The start of a run")
struct BuildStartBodyTests {
    @Test("becomes a run, with the arrival as its beginning when none is stated")
    func minimal() throws {
        let body: BuildStartBody = try decode(
            #"{"pipeline":"p","run_id":"r","branch":"main","commit":"c","image":"i","requested_resources":{"cpu":2,"mem_gb":4,"concurrency":8}}"#
        )
        let run = try body.run(receivedAt: noon)
        #expect(run.id == RunID("r"))
        #expect(run.startedAt == noon)
        #expect(run.requested == Settings(jobs: 8, cpuMillicores: 2000, memoryBytes: 4_294_967_296))
    }

    @Test("says the same after a trip over the wire")
    func roundTrips() throws {
        var context = BuildContext()
        context.tool = "make"
        var run = Run(
            id: RunID("r-1"), pipeline: "p", branch: "main", commit: "c", image: "i", tools: ["gcc"],
            repository: "repo",
            node: "n1", requested: Settings(jobs: 2, cpuMillicores: 500, memoryBytes: 1 << 30), recommendationID: "rec",
            context: context, ci: CISystem(system: "jenkins", url: "http://ci/1", attempt: 2), startedAt: noon)
        run.failOpen = .refused
        let body = try JSONDecoder().decode(BuildStartBody.self, from: JSONEncoder().encode(BuildStartBody(run)))
        #expect(try body.run(receivedAt: noon.advanced(bySeconds: 9)) == run)
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        var what: String
        var json: String
        var field: String
        var testDescription: String { what }
    }

    @Test(
        "is refused naming the field",
        arguments: [
            Bad(what: "empty pipeline", json: #""pipeline":"""#, field: "pipeline"),
            Bad(what: "NUL in the branch", json: #""branch":"a\u0000b""#, field: "branch"),
            Bad(what: "negative CPU", json: #""requested_resources":{"cpu":-1}"#, field: "requested_resources.cpu"),
            Bad(
                what: "absurd memory", json: #""requested_resources":{"mem_gb":1e30}"#,
                field: "requested_resources.mem_gb"),
            Bad(
                what: "half a job", json: #""requested_resources":{"concurrency":2.5}"#,
                field: "requested_resources.concurrency"),
            Bad(what: "a time that is none", json: #""started_at":"yesterday""#, field: "started_at"),
            Bad(what: "a far future", json: #""started_at":"2030-01-01T00:00:00Z""#, field: "started_at"),
            Bad(what: "attempt zero", json: #""ci":{"attempt":0}"#, field: "ci.attempt"),
            Bad(what: "a ratio of two", json: #""context":{"cache_hit_ratio":2}"#, field: "context.cache_hit_ratio"),
            Bad(what: "a negative duration", json: #""context":{"duration_s":-5}"#, field: "context.duration_s"),
            Bad(
                what: "deep nesting in the context",
                json: #""context":{"x":[[[[[[[[[[1]]]]]]]]]]}"#, field: "context.x"),
        ])
    func refuses(_ bad: Bad) throws {
        var fields = [#""pipeline":"p""#, #""run_id":"r""#, #""branch":"b""#, #""commit":"c""#, #""image":"i""#]
        let key = bad.json.prefix { $0 != ":" }
        fields.removeAll { $0.hasPrefix(String(key)) }
        let body: BuildStartBody = try decode("{" + (fields + [bad.json]).joined(separator: ",") + "}")
        #expect(try refused { _ = try body.run(receivedAt: noon) } == [bad.field])
    }

    @Test("names everything that is wrong at once")
    func namesAll() throws {
        let body: BuildStartBody = try decode(
            #"{"pipeline":"","run_id":"","branch":"b","commit":"c","image":"i","started_at":"x"}"#)
        #expect(try refused { _ = try body.run(receivedAt: noon) } == ["pipeline", "run_id", "started_at"])
    }
}

@Suite("A step event")
struct BuildStepBodyTests {
    @Test("carries everything that was measured")
    func roundTrips() throws {
        var usage = Usage()
        usage.wallSeconds = 1.5
        usage.userCPUSeconds = 2
        usage.systemCPUSeconds = 0.5
        usage.cpuSeconds = 2.5
        usage.peakMemoryBytes = 1000
        usage.unreclaimablePeakBytes = 900
        usage.peakRSSBytes = 500
        usage.memorySource = .cgroupV1
        usage.ioReadBytes = 1
        usage.ioWriteBytes = 2
        usage.voluntaryContextSwitches = 3
        usage.involuntaryContextSwitches = 4
        usage.throttledSeconds = 0.1
        usage.cpuPressureSeconds = 0.2
        usage.memoryPressureSeconds = 0.3
        usage.ioPressureSeconds = 0.4
        usage.cacheHits = 5
        usage.cacheMisses = 6
        usage.oomKills = 1
        usage.exitCode = 137
        usage.signal = 9
        let step = Step(runID: RunID("r"), spanID: "s", stage: "build", step: "compile", startedAt: noon)
        let stop = StepStop(stoppedAt: noon, usage: usage, settings: Settings(jobs: 2, cpuMillicores: 2000))
        let sent = try JSONEncoder().encode(BuildStepBody(stopping: step, with: stop))
        let content = try JSONDecoder().decode(BuildStepBody.self, from: sent).content(receivedAt: noon)
        #expect(content == .stop(step, stop))
        let started = try JSONEncoder().encode(BuildStepBody(starting: step))
        #expect(try JSONDecoder().decode(BuildStepBody.self, from: started).content(receivedAt: noon) == .start(step))
    }

    @Test(
        "is refused for numbers no build has",
        arguments: [
            ("cpu_time_s", "-1"), ("rss_max_bytes", "1e18"), ("io_r_bytes", "-5"), ("oom_kills", "-1"),
            ("throttled_s", "1e12"), ("signal", "99"), ("exit_code", "99999999999"),
        ])
    func refuses(_ counter: String, _ value: String) throws {
        let body: BuildStepBody = try decode(
            #"{"run_id":"r","stage":"s","step":"t","span_id":"x","event":"stop","timestamp":"2026-03-01T12:00:00Z","counters":{"\#(counter)":\#(value)}}"#
        )
        #expect(try refused { _ = try body.content(receivedAt: noon) } == ["counters.\(counter)"])
    }

    @Test("with an unknown event is no step event")
    func unknownEvent() {
        #expect(throws: DecodingError.self) {
            try decode(
                #"{"run_id":"r","stage":"s","step":"t","span_id":"x","event":"pause","timestamp":"2026-03-01T12:00:00Z"}"#,
                as: BuildStepBody.self)
        }
    }
}

@Suite("The end of a run")
struct BuildCompleteBodyTests {
    @Test("says the same after a trip over the wire", arguments: RunStatus.allCases)
    func roundTrips(_ status: RunStatus) throws {
        let completion = RunCompletion(
            status: status, durationSeconds: 12.5, artifacts: [Artifact(name: "a.tar", sizeBytes: 10)],
            cache: ["hits": 3])
        let sent = try JSONEncoder().encode(BuildCompleteBody(runID: RunID("r"), completion: completion))
        let content = try JSONDecoder().decode(BuildCompleteBody.self, from: sent).content()
        #expect(content.runID == RunID("r"))
        #expect(content.completion == completion)
    }

    @Test("is refused for a status nobody knows and a duration that ran backwards")
    func refuses() throws {
        let body: BuildCompleteBody = try decode(#"{"run_id":"r","status":"great","duration_s":-1}"#)
        #expect(try refused { _ = try body.content() } == ["status", "duration_s"])
    }
}

@Suite("A whole run")
struct WholeRunBodyTests {
    @Test("becomes a completed run with stopped steps")
    func becomesRun() throws {
        let body: WholeRunBody = try decode(
            """
            {"pipeline":"p","build_number":12,"git_sha":"abc","git_branch":"main","start_time":"2026-03-01T11:00:00Z",
             "end_time":"2026-03-01T11:01:00Z","status":"success","tool":"gradle","concurrency":4,"cpu_req":2,"mem_req_gb":4,
             "steps":[{"name":"compile","start_time":"2026-03-01T11:00:00Z","duration_s":50,"cpu_usage_pct":200,
                       "rss_max_bytes":1000,"exit_code":0}]}
            """)
        let (run, steps) = try body.content(receivedAt: noon)
        #expect(run.id == RunID("p#12"))
        #expect(run.completion?.durationSeconds == 60)
        #expect(run.context.tool == "gradle")
        #expect(steps.count == 1)
        #expect(steps.first?.stop?.usage.cpuSeconds == 100)
        #expect(steps.first?.stop?.usage.peakRSSBytes == 1000)
        #expect(steps.first?.stop?.stoppedAt.seconds(since: run.startedAt) == 50)
    }

    @Test(
        "is refused naming the field",
        arguments: [
            (#""build_number":1.5,"start_time":"2026-03-01T11:00:00Z","duration_s":1"#, "build_number"),
            (#""build_number":[],"start_time":"2026-03-01T11:00:00Z","duration_s":1"#, "build_number"),
            (
                #""build_number":1,"start_time":"2026-03-01T11:00:00Z","end_time":"2026-03-01T10:00:00Z","duration_s":1"#,
                "end_time"
            ),
            (#""build_number":1,"start_time":"2026-03-01T11:00:00Z""#, "duration_s"),
            (
                #""build_number":1,"start_time":"2026-03-01T11:00:00Z","duration_s":1,"steps":[{"name":"a","duration_s":-3}]"#,
                "steps[0].duration_s"
            ),
        ])
    func refuses(_ json: String, _ field: String) throws {
        let body: WholeRunBody = try decode(#"{"pipeline":"p","status":"success",\#(json)}"#)
        #expect(try refused { _ = try body.content(receivedAt: noon) }.contains(field))
    }

    @Test("is refused with 10,000 steps")
    func tooManySteps() throws {
        let steps = Array(repeating: #"{"name":"a","duration_s":1}"#, count: 10_000).joined(separator: ",")
        let body: WholeRunBody = try decode(
            #"{"pipeline":"p","build_number":1,"start_time":"2026-03-01T11:00:00Z","duration_s":1,"status":"success","steps":[\#(steps)]}"#
        )
        #expect(try refused { _ = try body.content(receivedAt: noon) } == ["steps"])
    }
}

@Suite("A question to the optimizer")
struct OptimizeBodyTests {
    @Test("as clients in the field send it becomes a request")
    func field() throws {
        let body: OptimizeBody = try decode(
            #"{"pipeline":"demo/example-app","context":{"tool":"cmake","max_rss_gb":4,"num_steps":5,"avg_step_duration_s":60}}"#
        )
        let request = try body.request()
        #expect(request.target == StepIdentity(pipeline: "demo/example-app"))
        #expect(request.context.statedPeakMemoryBytes == 4_294_967_296)
        #expect(request.objective == Objective())
    }

    @Test("says the same after a trip over the wire")
    func roundTrips() throws {
        var constraints = Constraints()
        constraints.maxJobs = 4
        constraints.maxCPUMillicores = 2500
        constraints.minMemoryBytes = 1 << 30
        constraints.maxMemoryBytes = 1 << 34
        constraints.deadlineSeconds = 600
        constraints.oomRisk = 0.01
        let request = OptimizationRequest(
            target: StepIdentity(pipeline: "p", stage: "s", step: "t"), runID: RunID("r"), constraints: constraints,
            objective: Objective(timeWeight: 1, costWeight: 3))
        let sent = try JSONEncoder().encode(OptimizeBody(request))
        #expect(try JSONDecoder().decode(OptimizeBody.self, from: sent).request() == request)
    }

    @Test(
        "is refused for bounds that cannot hold",
        arguments: [
            (#""constraints":{"max_concurrency":0}"#, "constraints.max_concurrency"),
            (#""constraints":{"oom_risk":0.9}"#, "constraints.oom_risk"),
            (#""constraints":{"min_ram_gb":8,"max_mem_gb":4}"#, "constraints.min_ram_gb"),
            (#""constraints":{"max_cpu":-2}"#, "constraints.max_cpu"),
            (#""objective":{"time_weight":0,"cost_weight":0}"#, "objective"),
        ])
    func refuses(_ json: String, _ field: String) throws {
        let body: OptimizeBody = try decode(#"{"pipeline":"p","context":{},\#(json)}"#)
        #expect(try refused { _ = try body.request() } == [field])
    }
}

@Suite("An answer of the optimizer")
struct OptimizeAnswerTests {
    private let recommendation: Recommendation = {
        var prediction = Prediction()
        prediction.durationSecondsP50 = 100
        prediction.peakMemoryBytesP50 = 1 << 30
        prediction.oomProbability = 0.004
        return Recommendation(
            id: "rec-1", target: StepIdentity(pipeline: "p"), createdAt: noon, expiresAt: noon.advanced(bySeconds: 60),
            settings: Settings(jobs: 6, cpuMillicores: 2500, memoryBytes: Units.bytes(gib: 7.25)),
            baseline: Baseline(settings: Settings(jobs: 4, memoryBytes: 1 << 34), durationSeconds: 588),
            prediction: prediction, source: .history, explored: false, propensity: 0.85, confidence: 0.8,
            rationale: "because", reasons: [Reason(code: "memory_quantile", text: "…", evidence: ["runs": 214])],
            guardrails: [GuardrailAction(name: "observed_peak", setting: .memory, before: 5.1, after: 6.9)],
            steps: ["compile": Settings(jobs: 6, memoryBytes: Units.bytes(gib: 7.1))], modelVersion: "m1")
    }()

    @Test("rounds for clients that need integers and keeps the exact values in limits")
    func rounds() throws {
        let answer = OptimizeAnswer(recommendation, mode: "suggest")
        let json = String(decoding: try JSONEncoder().encode(answer), as: UTF8.self)
        #expect(answer.suggestions.mem_req_gb == 8)
        #expect(json.contains(#""concurrency":6"#))
        #expect(json.contains(#""cpu_req":2.5"#))
        #expect(answer.limits.mem_gb == 7.25)
        #expect(answer.steps["compile"]?.concurrency == 6)
        #expect(answer.baseline?.predicted_duration_s == 588)
    }

    @Test("gives the client the exact settings back")
    func settings() throws {
        let sent = try JSONEncoder().encode(OptimizeAnswer(recommendation, mode: "suggest"))
        let answer = try JSONDecoder().decode(OptimizeAnswer.self, from: sent)
        #expect(answer.settings.jobs == 6)
        #expect(answer.settings.cpuMillicores == 2500)
        #expect(answer.settings.memoryBytes == Units.bytes(gib: 7.25))
        #expect(answer.suggestions.cpu_req == 2.5)
    }
}

@Suite("A body that clients send many of")
struct ScannedBodyTests {
    private static let step =
        #"{"run_id":"r1","stage":"build","step":"compile","span_id":"s1","event":"start","timestamp":"2026-03-01T11:00:00Z"}"#

    private func read(_ text: String) -> Result<BuildStepBody, BodyError> {
        Array(text.utf8).withUnsafeBufferPointer { bytes in
            Result { () throws(BodyError) in try BuildStepBody.read(from: bytes) }
        }
    }

    @Test(
        "is what the decoder reads, quickly or not",
        arguments: [
            step, step + " \n", step.replacing("compile", with: #"\u0063ompile"#),
            step.replacing("}", with: #","x":1}"#),
        ])
    func accepted(_ text: String) throws {
        let decoded = try BuildStepBody.decoded(from: Array(text.utf8))
        #expect("\(try read(text).get())" == "\(decoded)")
    }

    @Test("with bytes that are no text is not read on behind them")
    func noText() {
        let start = #"{"pipeline":"p","build_number":"#
        let end = #"5,"start_time":"2026-03-01T11:00:00Z","duration_s":1,"status":"success"}"#
        let bytes = Array(start.utf8) + [0x22, 0xFF, 0x22] + Array(end.utf8)
        let read = bytes.withUnsafeBufferPointer { bytes in
            Result { () throws(BodyError) in try WholeRunBody.read(from: bytes) }
        }
        guard case .failure(.malformed) = read else {
            Issue.record("\(read)")
            return
        }
    }

    @Test(
        "is refused in the decoder's words",
        arguments: [
            step + "x", step + step, String(step.dropLast()), "", "[]", step.replacing(#""stage":"build","#, with: ""),
        ])
    func refused(_ text: String) {
        let decoded = Result { () throws(BodyError) in try BuildStepBody.decoded(from: Array(text.utf8)) }
        guard case .failure(let expected) = decoded, case .failure(let actual) = read(text) else {
            Issue.record("\(decoded)")
            return
        }
        #expect(actual == expected)
    }
}
