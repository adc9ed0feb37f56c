import Builds

/// `POST /builds/step` with the event `usage`: what a step has used so far, as somebody beside it saw it. `final` is false
/// while the step runs; who has such a report knows that another comes.
enum UsageReport {
    static let path = "/builds/step"

    /// The step's name for what carries a run and no step.
    private static let stepName = "build"

    /// The body.
    ///
    /// - Parameter node: this node's name; stands in for the span of a step that names none.
    static func body(_ step: StepReading, node: String) -> [UInt8] {
        var json = JSONObject()
        json.add("run_id", step.key.runID)
        json.add("stage", "")
        json.add("step", stepName)
        json.add("span_id", spanID(step.key, node: node))
        json.add("event", "usage")
        json.add("timestamp", step.time.rfc3339)
        json.add("final", step.isFinal)
        json.add("counters", counters(step))
        return json.bytes
    }

    static func spanID(_ key: StepKey, node: String) -> String { key.stepID ?? "node:\(node)" }

    private static func counters(_ step: StepReading) -> JSONObject {
        let usage = step.usage
        var json = JSONObject()
        json.add("cpu_time_s", usage.totalCPUSeconds)
        json.add("cpu_user_s", usage.userCPUSeconds)
        json.add("cpu_system_s", usage.systemCPUSeconds)
        json.add("cpu_source", step.cpuSource.name)
        json.add("wall_s", usage.wallSeconds)
        json.add("rss_max_bytes", usage.peakRSSBytes)
        json.add("peak_memory_bytes", usage.peakMemoryBytes)
        json.add("unreclaimable_peak_bytes", usage.unreclaimablePeakBytes)
        json.add("memory_source", usage.memorySource?.rawValue)
        json.add("io_r_bytes", usage.ioReadBytes)
        json.add("io_w_bytes", usage.ioWriteBytes)
        json.add("throttled_s", usage.throttledSeconds)
        json.add("psi_cpu_s", usage.cpuPressureSeconds)
        json.add("psi_memory_s", usage.memoryPressureSeconds)
        json.add("psi_io_s", usage.ioPressureSeconds)
        json.add("oom_kills", usage.oomKills)
        return json
    }
}

/// A JSON object as it is written, member after member; members without a value are left out.
struct JSONObject {
    private var text: [UInt8] = []

    var bytes: [UInt8] { [UInt8(ascii: "{")] + text + [UInt8(ascii: "}")] }

    mutating func add(_ name: String, _ value: String?) {
        if let value { add(name) { Self.appendQuoted(value, to: &$0) } }
    }

    mutating func add(_ name: String, _ value: Int64?) {
        if let value { add(name) { $0 += String(value).utf8 } }
    }

    mutating func add(_ name: String, _ value: Bool) {
        add(name) { $0 += (value ? "true" : "false").utf8 }
    }

    /// Numbers JSON cannot say are left out.
    mutating func add(_ name: String, _ value: Double?) {
        guard let value, value.isFinite else { return }
        add(name) { $0 += value.description.utf8 }
    }

    mutating func add(_ name: String, _ value: JSONObject) { add(name) { $0 += value.bytes } }

    private mutating func add(_ name: String, _ write: (inout [UInt8]) -> Void) {
        if !text.isEmpty { text.append(UInt8(ascii: ",")) }
        Self.appendQuoted(name, to: &text)
        text.append(UInt8(ascii: ":"))
        write(&text)
    }

    private static func appendQuoted(_ value: String, to text: inout [UInt8]) {
        text.append(UInt8(ascii: "\""))
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): text += [UInt8(ascii: "\\"), byte]
            case 0..<0x20:
                text += Array("\\u00".utf8)
                text += [byte >> 4, byte & 15].map { $0 < 10 ? 0x30 + $0 : 0x57 + $0 }
            default: text.append(byte)
            }
        }
        text.append(UInt8(ascii: "\""))
    }
}
