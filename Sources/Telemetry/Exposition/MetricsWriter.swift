/// Writes one page of metrics: Prometheus text, OpenMetrics, or a JSON line for each sample.
///
/// A family is begun, then come its samples:
///
///     page.counter("inframind_node_cpu_seconds_total", help: "CPU time by CPU and mode.")
///     page.sample(ticks, per: 100) { labels in
///         labels.add("cpu", number)
///         labels.add("mode", "user")
///     }
///
/// A family without samples leaves no trace. Names are `StaticString`s: they are ours, and never text from outside.
/// The page is kept in one buffer that the next page is written over, so a page like the one before allocates nothing.
public final class MetricsWriter {
    public enum Format: Hashable, Sendable, CaseIterable {
        /// The Prometheus text exposition format, version 0.0.4.
        case prometheusText
        /// OpenMetrics 1.0.0.
        case openMetrics
        /// `{"time":…,"name":…,"labels":{…},"value":…}` on a line of its own for each sample.
        case jsonLines
    }

    /// Where a page can be taken back to.
    public struct Mark {
        fileprivate var bytes: Int
        fileprivate var families: Int
    }

    /// Largest page. Past it nothing is added, and ``isFull`` is true.
    public static let limitBytes = 16 << 20

    public private(set) var format = Format.prometheusText
    var buffer = ByteBuffer(capacity: 16 << 10)
    let constantLabels: ConstantLabels
    /// Constant labels a sample has a label of its own for, one bit each.
    var shadowed: UInt64 = 0
    var labelCount = 0

    private var families: [StaticString] = []
    private var family: StaticString = ""
    private var help: StaticString = ""
    private var kind = Kind.gauge
    private var isAnnounced = true
    /// `"time":"…"`, the same for all samples of a page.
    private var time = ByteBuffer(capacity: 64)

    private enum Kind {
        case counter, gauge, info
    }

    /// - Parameter constantLabels: added to every sample that has no label of that name itself.
    public init(constantLabels: ConstantLabels = ConstantLabels()) {
        self.constantLabels = constantLabels
        families.reserveCapacity(256)
    }

    /// The page so far; valid until the next change.
    public var bytes: UnsafeRawBufferPointer { buffer.bytes }

    /// True when the page is too large; what was added last is incomplete then.
    public var isFull: Bool { buffer.count > Self.limitBytes }

    /// Forgets the page and begins another.
    ///
    /// - Parameter time: when it is taken, seconds since 1970; JSON lines carry it.
    public func begin(_ format: Format, atSeconds time: Double = 0) {
        self.format = format
        // A page is seldom far larger than the one before; memory beyond that goes back.
        buffer.shrink(toCapacity: max(64 << 10, 2 * buffer.count))
        buffer.removeAll()
        families.removeAll(keepingCapacity: true)
        family = ""
        isAnnounced = true
        self.time.removeAll()
        if format == .jsonLines { self.time.append(rfc3339: time) }
    }

    /// Ends the page. OpenMetrics wants that said, so that a page cut short is known for one.
    public func end() {
        if format == .openMetrics { buffer.append("# EOF\n" as StaticString) }
    }

    public var mark: Mark { Mark(bytes: buffer.count, families: families.count) }

    /// Takes back everything since `mark`: a family half written would be taken for the whole.
    public func rollBack(to mark: Mark) {
        buffer.truncate(to: mark.bytes)
        families.removeLast(max(0, families.count - mark.families))
        family = ""
        isAnnounced = true
    }

    /// Begins a family of values that only rise. `name` ends in `_total`.
    public func counter(_ name: StaticString, help: StaticString) {
        assert(name.bytes.ends(with: "_total"), "the counter \(name) does not end in _total")
        begin(name, help, .counter)
    }

    /// Begins a family of values that come and go.
    public func gauge(_ name: StaticString, help: StaticString) { begin(name, help, .gauge) }

    /// Begins a family whose labels are what there is to know and whose value is always 1. `name` ends in `_info`.
    public func info(_ name: StaticString, help: StaticString) {
        assert(name.bytes.ends(with: "_info"), "the information \(name) does not end in _info")
        begin(name, help, .info)
    }

    public func sample(_ value: Int64, _ labels: (borrowing LabelWriter) -> Void = { _ in }) {
        guard beginSample(labels) else { return }
        buffer.append(decimal: value)
        endSample()
    }

    public func sample(_ value: UInt64, _ labels: (borrowing LabelWriter) -> Void = { _ in }) {
        guard beginSample(labels) else { return }
        buffer.append(decimal: value)
        endSample()
    }

    public func sample(_ value: Int, _ labels: (borrowing LabelWriter) -> Void = { _ in }) {
        sample(Int64(value), labels)
    }

    /// A count of parts of a unit, as the kernel keeps time: `sample(microseconds, per: 1_000_000)`. Powers of ten give
    /// exact decimals.
    ///
    /// - Parameter parts: how many make one; more than 0.
    public func sample(_ count: Int64, per parts: Int64, _ labels: (borrowing LabelWriter) -> Void = { _ in }) {
        guard beginSample(labels) else { return }
        buffer.append(count, per: parts)
        endSample()
    }

    /// A value in the shortest form that reads back the same. Allocates only for fractions beyond nine decimals.
    public func sample(_ value: Double, _ labels: (borrowing LabelWriter) -> Void = { _ in }) {
        guard beginSample(labels) else { return }
        if format == .jsonLines && !value.isFinite {
            buffer.append("null" as StaticString)
        } else {
            buffer.append(shortest: value)
        }
        endSample()
    }

    private func begin(_ name: StaticString, _ help: StaticString, _ kind: Kind) {
        assert(!isWritten(name), "the metric family \(name) is written twice")
        families.append(name)
        family = name
        self.help = help
        self.kind = kind
        isAnnounced = false
    }

    private func isWritten(_ name: StaticString) -> Bool {
        for index in 0..<families.count where families[index].bytes.isEqual(to: name) { return true }
        return false
    }

    private func beginSample(_ labels: (borrowing LabelWriter) -> Void) -> Bool {
        guard !isFull else { return false }
        assert(family.utf8CodeUnitCount > 0, "a sample without a family")
        if !isAnnounced { announce() }
        labelCount = 0
        shadowed = 0
        if format == .jsonLines {
            buffer.append("{\"time\":\"" as StaticString)
            buffer.append(time.bytes)
            buffer.append("\",\"name\":\"" as StaticString)
            buffer.append(family)
            buffer.append(UInt8(ascii: "\""))
        } else {
            buffer.append(family)
        }
        labels(LabelWriter(page: self))
        constantLabels.write(to: self)
        if format == .jsonLines {
            buffer.append((labelCount == 0 ? ",\"value\":" : "},\"value\":") as StaticString)
        } else {
            buffer.append((labelCount == 0 ? " " : "} ") as StaticString)
        }
        return true
    }

    private func endSample() {
        buffer.append((format == .jsonLines ? "}\n" : "\n") as StaticString)
    }

    /// The lines in front of a family.
    private func announce() {
        isAnnounced = true
        switch format {
        case .prometheusText:
            comment("# HELP ", family.bytes)
            buffer.append(help)
            comment("\n# TYPE ", family.bytes)
            buffer.append((kind == .counter ? "counter\n" : "gauge\n") as StaticString)
        case .openMetrics:
            // The suffix belongs to the sample there, not to the family.
            let suffixLength =
                switch kind {
                case .counter: "_total".utf8.count
                case .info: "_info".utf8.count
                case .gauge: 0
                }
            let name = family.bytes.part(0..<family.utf8CodeUnitCount - suffixLength)
            comment("# TYPE ", name)
            buffer.append((kind == .counter ? "counter\n" : kind == .info ? "info\n" : "gauge\n") as StaticString)
            for index in 0..<Self.units.count where name.ends(with: Self.units[index]) {
                comment("# UNIT ", name)
                buffer.append(Self.units[index].bytes.part(from: 1))
                buffer.append(UInt8(ascii: "\n"))
            }
            comment("# HELP ", name)
            buffer.append(help)
            buffer.append(UInt8(ascii: "\n"))
        case .jsonLines: break
        }
    }

    private func comment(_ start: StaticString, _ name: UnsafeRawBufferPointer) {
        buffer.append(start)
        buffer.append(name)
        buffer.append(UInt8(ascii: " "))
    }

    private static let units: [StaticString] = ["_seconds", "_bytes", "_ratio"]
}

extension MetricsWriter.Format {
    /// What an answer in this format states as its content type.
    public var contentType: StaticString {
        switch self {
        case .prometheusText: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        case .jsonLines: "application/x-ndjson"
        }
    }
}
