import Builds
import Foundation
import Testing

@testable import Contract

private let noon = Timestamp(rfc3339: "2026-03-01T12:00:00Z") ?? Timestamp(microseconds: 0)

/// A line as both readers see it.
private struct Readings {
    /// `nil` when the scanner leaves the line to the decoder.
    var scanned: Result<BatchLine, BodyError>?
    var decoded: Result<BatchLine, BodyError>

    init(_ line: [UInt8]) {
        decoded = Result { () throws(BodyError) in try BatchLine(decoding: line, receivedAt: noon) }
        scanned = line.withUnsafeBufferPointer { bytes in
            guard BatchLineBody(scanning: bytes) != nil else { return nil }
            return Result { () throws(BodyError) in try BatchLine(bytes, receivedAt: noon) }
        }
    }

    /// Whether the scanner read what the decoder reads, byte for byte, or nothing.
    var agree: Bool {
        guard let scanned else { return true }
        switch (scanned, decoded) {
        case (.success(let a), .success(let b)): return a == b && Self.text(a) == Self.text(b)
        case (.failure(let a), .failure(let b)): return a == b
        default: return false
        }
    }

    /// Texts that look the same are equal in Swift; their bytes decide what is stored.
    private static func text(_ line: BatchLine) -> [UInt8] { Array("\(line)".utf8) }
}

private let wholeRun =
    #"{"run":{"pipeline":"app","build_number":7,"git_sha":"c0ffee","git_branch":"main","start_time":"2026-03-01T11:00:00Z","end_time":"2026-03-01T11:20:00Z","duration_s":1200.5,"status":"success","tool":"make","concurrency":8,"cpu_req":4,"mem_req_gb":7.5,"steps":[{"name":"compile","start_time":"2026-03-01T11:00:00.25Z","end_time":"2026-03-01T11:10:00Z","duration_s":599.75,"cpu_usage_pct":312.5,"rss_max_bytes":2147483648,"io_r_bytes":1000,"io_w_bytes":12345678901234567,"exit_code":-9},{"name":"test","duration_s":3}]}}"#
private let stepStart =
    #"{"step":{"run_id":"r1","stage":"build","step":"compile","span_id":"s1","event":"start","timestamp":"2026-03-01T11:00:00Z"}}"#
private let stepStop =
    #"{"step":{"run_id":"r1","stage":"build","step":"compile","span_id":"s1","event":"stop","timestamp":"2026-03-01T11:00:09.5+01:00","counters":{"cpu_time_s":12.345678901234567,"cpu_user_s":10,"cpu_system_s":2.3,"wall_s":9.5,"rss_max_bytes":100,"peak_memory_bytes":200,"unreclaimable_peak_bytes":150,"memory_source":"cgroup_v2","io_r_bytes":1,"io_w_bytes":2,"voluntary_context_switches":3,"involuntary_context_switches":4,"cache_hits":5,"cache_misses":6,"throttled_s":0.25,"psi_cpu_s":0.1,"psi_memory_s":0.2,"psi_io_s":0.3,"oom_kills":0,"exit_code":0,"signal":9,"settings":{"cpu":2,"mem_gb":4.5,"concurrency":8}}}}"#
private let start =
    #"{"start":{"pipeline":"p","run_id":"r1","branch":"main","commit":"c","image":"i","git":"g","tools":["make","gcc"],"k8s_node":"n","requested_resources":{"cpu":2,"mem_gb":4,"concurrency":8},"recommendation_id":"rec","started_at":"2026-03-01T11:00:00Z","fail_open":"timeout","ci":{"system":"jenkins","url":"http://ci/1","attempt":2}}}"#
private let complete = #"{"complete":{"run_id":"r1","status":"oom_killed","duration_s":61.5}}"#

@Suite("A line of a batch")
struct BatchLineTests {
    @Test(
        "as clients write it is read without the decoder", arguments: [wholeRun, stepStart, stepStop, start, complete])
    func usual(_ line: String) throws {
        let spaced = line.replacing(":", with: ": ").replacing(",", with: " ,\t").replacing(
            "T11: 00: ", with: "T11:00:")
        for text in [line, line + "\r"] {
            let readings = Readings(Array(text.utf8))
            #expect(readings.scanned != nil && readings.agree)
            guard case .success = readings.decoded else {
                Issue.record("\(readings.decoded)")
                continue
            }
        }
        #expect(Readings(Array(spaced.utf8)).agree)
    }

    struct Unusual: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var line: String
        var isScanned: Bool

        init(_ name: String, _ line: String, isScanned: Bool = false) {
            testDescription = name
            self.line = line
            self.isScanned = isScanned
        }

        static func stop(_ name: String, _ counter: String, isScanned: Bool = false) -> Unusual {
            Unusual(
                name, stepStart.replacing(#""timestamp""#, with: #""counters":{\#(counter)},"timestamp""#),
                isScanned: isScanned)
        }
    }

    @Test(
        "that is unusual is read as the decoder reads it",
        arguments: [
            Unusual(
                "null for an optional field", stepStart.replacing("}}", with: #","counters":null}}"#), isScanned: true),
            Unusual("null for a required field", stepStart.replacing(#""build""#, with: "null")),
            Unusual("a missing field", stepStart.replacing(#""stage":"build","#, with: "")),
            Unusual("an unknown field", stepStart.replacing("}}", with: #","x":1}}"#)),
            Unusual("a field twice", stepStart.replacing("}}", with: #","stage":"again"}}"#)),
            Unusual("an escape", stepStart.replacing("compile", with: #"a\u0041\n"#)),
            Unusual("not ASCII", stepStart.replacing("compile", with: "übersetzen e\u{301}"), isScanned: true),
            Unusual("an unknown event", stepStart.replacing(#""start""#, with: #""begin""#)),
            Unusual("an empty name", stepStart.replacing(#""compile""#, with: #""""#), isScanned: true),
            Unusual("a bad time", stepStart.replacing("2026-03-01T", with: "yesterday"), isScanned: true),
            Unusual("samples", stepStart.replacing("}}", with: #","samples":[1,2]}}"#)),
            Unusual("a context", start.replacing(#""ci""#, with: #""context":{"tool":"make","x":[1]},"ci""#)),
            Unusual("an empty context", start.replacing(#""ci""#, with: #""context":{},"ci""#), isScanned: true),
            Unusual("artifacts", complete.replacing("}}", with: #","artifacts":[{"name":"a","size":1}]}}"#)),
            Unusual("two kinds", #"{"start":{},"complete":{}}"#),
            Unusual("no kind", "{}"), Unusual("an unknown kind", #"{"stop":{}}"#), Unusual("a list", "[]"),
            Unusual("nothing after it", stepStart + "x"), Unusual("half of it", String(stepStart.prefix(60))),
            Unusual("text for a build number", wholeRun.replacing(":7,", with: #":"7a","#), isScanned: true),
            Unusual("a fraction for a build number", wholeRun.replacing(":7,", with: ":7.5,"), isScanned: true),
            Unusual("true for a build number", wholeRun.replacing(":7,", with: ":true,")),
            .stop("an exponent", #""wall_s":1e2"#), .stop("minus zero", #""wall_s":-0.0"#),
            .stop("a whole exit code with a fraction", #""exit_code":3.0"#),
            .stop("an exit code with a fraction", #""exit_code":3.5"#),
            .stop("a great exit code", #""exit_code":99999999999999999999"#),
            .stop("a leading zero", #""wall_s":01"#), .stop("a point without digits", #""wall_s":1."#),
            .stop("a plus", #""wall_s":+1"#), .stop("text for a number", #""wall_s":"1""#),
            .stop("seventeen digits", #""wall_s":0.30000000000000004"#, isScanned: true),
            .stop("sixteen digits", #""rss_max_bytes":9007199254740993"#, isScanned: true),
            .stop("a negative number", #""io_r_bytes":-5"#, isScanned: true),
            .stop("an unknown source", #""memory_source":"guess""#),
        ])
    func unusual(_ unusual: Unusual) {
        let readings = Readings(Array(unusual.line.utf8))
        #expect((readings.scanned != nil) == unusual.isScanned)
        #expect(readings.agree, "\(readings)")
    }

    @Test("names the kind before the field")
    func fields() {
        let bad = stepStart.replacing(#""compile""#, with: #""""#)
        #expect(
            Readings(Array(bad.utf8)).decoded
                == .failure(.invalid([FieldError(field: "step.step", message: "must not be empty")])))
        let missing = stepStart.replacing(#""stage":"build","#, with: "")
        #expect(
            Readings(Array(missing.utf8)).decoded
                == .failure(.invalid([FieldError(field: "step.stage", message: "is required")])))
    }

    @Test("that was damaged anywhere is read alike by both, or by the decoder alone")
    func mutations() {
        var generator = SystemRandomNumberGenerator()
        let seeds = [wholeRun, stepStart, stepStop, start, complete].map { Array($0.utf8) }
        let pieces = [
            "null", "-", "0", "1e5", "\"", "{", "}", "[", "]", ",", ":", ".", "\\u0000", "é", "\0", "\u{7F}", " ",
            "99999999999",
            "true", "\"stop\"", "\"x\":1,", "-0", "0.1", "\t", "\u{2028}",
        ].map { Array($0.utf8) }
        var scanned = 0
        for _ in 0..<30_000 {
            guard var line = seeds.randomElement(using: &generator) else { return }
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let place = Int.random(in: 0..<line.count, using: &generator)
                switch Int.random(in: 0..<5, using: &generator) {
                case 0: line[place] = UInt8.random(in: 0...255, using: &generator)
                case 1: line.remove(at: place)
                case 2: line.insert(contentsOf: pieces.randomElement(using: &generator) ?? [], at: place)
                case 3:
                    let end = min(line.count, place + Int.random(in: 1...8, using: &generator))
                    line.replaceSubrange(place..<end, with: pieces.randomElement(using: &generator) ?? [])
                default:
                    // A digit elsewhere in a number: the commonest change that stays valid.
                    if let digit = line[place...].firstIndex(where: { (0x30...0x39).contains($0) }) {
                        line[digit] = UInt8.random(in: 0x30...0x39, using: &generator)
                    }
                }
            }
            let readings = Readings(line)
            if readings.scanned != nil { scanned += 1 }
            if !readings.agree { Issue.record("\(String(decoding: line, as: UTF8.self))\n\(readings)") }
        }
        #expect(scanned > 1000)
    }

    @Test("has the numbers the decoder finds")
    func numbers() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let digits = Int.random(in: 0...19, using: &generator)
            let number =
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: "\(Double.random(in: 0...1e6, using: &generator))"
                case 1: "\(UInt64.random(in: 0...UInt64.max, using: &generator))"
                case 2:
                    "\(Int.random(in: 0...999, using: &generator)).\(UInt64.random(in: 0...UInt64.max, using: &generator))"
                default:
                    "0." + String(repeating: "0", count: digits) + "\(Int.random(in: 1...99_999, using: &generator))"
                }
            let line = stepStart.replacing(#""timestamp""#, with: #""counters":{"cpu_time_s":\#(number)},"timestamp""#)
                .replacing(#""event":"start""#, with: #""event":"stop""#)
            let readings = Readings(Array(line.utf8))
            if !readings.agree { Issue.record("\(number): \(readings)") }
        }
    }

    @Test("that our client writes is read without the decoder")
    func ours() throws {
        let step = Step(runID: RunID("r"), spanID: "s", stage: "build", step: "compile", startedAt: noon)
        var usage = Usage()
        usage.wallSeconds = 1.25
        usage.peakMemoryBytes = 1 << 33
        usage.memorySource = .cgroupV1
        usage.exitCode = 137
        let stop = StepStop(stoppedAt: noon, usage: usage, settings: Settings(jobs: 3))
        for body in [
            BatchLineBody.step(BuildStepBody(starting: step)), .step(BuildStepBody(stopping: step, with: stop)),
            .complete(
                BuildCompleteBody(runID: RunID("r"), completion: RunCompletion(status: .failure, durationSeconds: 2))),
        ] {
            let readings = Readings(Array(try JSONEncoder().encode(body)))
            // The client names artifacts and cache of a completion, empty as they may be.
            let isCompletion = if case .complete = body { true } else { false }
            #expect((readings.scanned != nil) == !isCompletion)
            #expect(readings.agree)
            guard case .success = readings.decoded else {
                Issue.record("\(readings.decoded)")
                continue
            }
        }
    }
}
