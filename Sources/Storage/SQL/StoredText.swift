import Builds

/// Writes the JSON of the commonest nouns as ``StoredJSON`` does, byte for byte, ten times faster: most of the time of
/// writing many steps would else go into an encoder.
///
/// Every method gives up with `nil` at what it is not sure to write alike (a text that needs escapes or is not ASCII, a
/// number that is not finite, a context of many keys); then the encoder writes it.
struct StoredText {
    private var bytes: [UInt8] = []
    private var isFirst = true

    private init() { bytes.reserveCapacity(512) }

    private var text: String { String(decoding: bytes, as: UTF8.self) }

    private mutating func append(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func key(_ name: StaticString) {
        if isFirst { append("\"") } else { append(",\"") }
        isFirst = false
        append(name)
        append("\":")
    }

    private mutating func put(_ value: (some FixedWidthInteger)?, _ name: StaticString) {
        guard let value else { return }
        key(name)
        append(Int64(value))
    }

    private mutating func append(_ value: Int64) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        let start = bytes.count
        var rest = value.magnitude
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
    }

    private mutating func put(_ value: Double?, _ name: StaticString) -> Bool {
        guard let value else { return true }
        guard value.isFinite else { return false }
        key(name)
        // Whole numbers carry no fraction.
        if value.magnitude < 1e15, let whole = Int64(exactly: value), whole != 0 || value.sign == .plus {
            append(whole)
        } else {
            let digits = value.description.utf8
            bytes.append(contentsOf: digits)
            if digits.count > 2, bytes.suffix(2).elementsEqual(".0".utf8) { bytes.removeLast(2) }
        }
        return true
    }

    private mutating func put(_ value: String?, _ name: StaticString) -> Bool {
        guard let value else { return true }
        key(name)
        return quote(value)
    }

    private mutating func quote(_ value: String) -> Bool {
        let isPlain = value.utf8.allSatisfy {
            (0x20..<0x7F).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
        }
        guard isPlain else { return false }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: value.utf8)
        bytes.append(UInt8(ascii: "\""))
        return true
    }

    /// Keys inside of `body` begin anew.
    private mutating func object(_ name: StaticString? = nil, _ body: (inout StoredText) -> Bool) -> Bool {
        if let name { key(name) }
        append("{")
        isFirst = true
        let isWritten = body(&self)
        append("}")
        isFirst = false
        return isWritten
    }
}

extension StoredText {
    /// The stored part of a step's end.
    static func stop(usage: Usage, settings: Settings) -> String? {
        var json = StoredText()
        let isWritten = json.object { json in
            json.object("settings") { $0.put(settings) } && json.object("usage") { $0.put(usage) }
        }
        return isWritten ? json.text : nil
    }

    private mutating func put(_ settings: Settings) -> Bool {
        if let cache = settings.cache {
            let isWritten = object("cache") { json in
                json.key("isEnabled")
                if cache.isEnabled { json.append("true") } else { json.append("false") }
                return json.put(cache.sizeGiB, "sizeGiB")
            }
            guard isWritten else { return false }
        }
        put(settings.cpuMillicores, "cpuMillicores")
        put(settings.jobs, "jobs")
        put(settings.memoryBytes, "memoryBytes")
        return true
    }

    private mutating func put(_ usage: Usage) -> Bool {
        put(usage.cacheHits, "cacheHits")
        put(usage.cacheMisses, "cacheMisses")
        guard put(usage.cpuPressureSeconds, "cpuPressureSeconds"), put(usage.cpuSeconds, "cpuSeconds") else {
            return false
        }
        put(usage.exitCode, "exitCode")
        put(usage.involuntaryContextSwitches, "involuntaryContextSwitches")
        guard put(usage.ioPressureSeconds, "ioPressureSeconds") else { return false }
        put(usage.ioReadBytes, "ioReadBytes")
        put(usage.ioWriteBytes, "ioWriteBytes")
        guard put(usage.memoryPressureSeconds, "memoryPressureSeconds"),
            put(usage.memorySource?.rawValue, "memorySource")
        else { return false }
        put(usage.oomKills, "oomKills")
        put(usage.peakMemoryBytes, "peakMemoryBytes")
        put(usage.peakRSSBytes, "peakRSSBytes")
        put(usage.signal, "signal")
        guard put(usage.systemCPUSeconds, "systemCPUSeconds"), put(usage.throttledSeconds, "throttledSeconds") else {
            return false
        }
        put(usage.unreclaimablePeakBytes, "unreclaimablePeakBytes")
        guard put(usage.userCPUSeconds, "userCPUSeconds") else { return false }
        put(usage.voluntaryContextSwitches, "voluntaryContextSwitches")
        return put(usage.wallSeconds, "wallSeconds")
    }
}

extension StoredText {
    /// The stored part of a run, when its context says no more than tool and branch.
    static func run(_ run: Run) -> String? {
        var plain = BuildContext()
        plain.tool = run.context.tool
        plain.branch = run.context.branch
        guard run.context == plain else { return nil }
        var json = StoredText()
        let isWritten = json.object { json in
            if let ci = run.ci {
                let isWritten = json.object("ci") { json in
                    json.put(ci.attempt, "attempt")
                    return json.put(ci.system, "system") && json.put(ci.url, "url")
                }
                guard isWritten else { return false }
            }
            guard json.put(run.commit, "commit"),
                json.object("context", { $0.put(plain.branch, "branch") && $0.put(plain.tool, "tool") }),
                json.put(run.image, "image"), json.put(run.node, "node"), json.put(run.repository, "repository"),
                json.object("requested", { $0.put(run.requested) })
            else { return false }
            return json.put(run.tools, "tools")
        }
        return isWritten ? json.text : nil
    }

    /// The stored part of a completion that names neither artifacts nor cache statistics.
    static func completion(_ completion: RunCompletion) -> String? {
        completion.artifacts.isEmpty && completion.cache.isEmpty ? #"{"artifacts":[],"cache":{}}"# : nil
    }

    private mutating func put(_ values: [String], _ name: StaticString) -> Bool {
        key(name)
        append("[")
        for (index, value) in values.enumerated() {
            if index > 0 { append(",") }
            guard quote(value) else { return false }
        }
        append("]")
        return true
    }
}
