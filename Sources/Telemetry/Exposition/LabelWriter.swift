/// Writes the labels of one sample, in the order they are added.
public struct LabelWriter: ~Copyable {
    let page: MetricsWriter

    /// Text of ours or from outside; it is escaped.
    public func add(_ name: StaticString, _ value: String) {
        var value = value
        value.withUTF8 { add(name, bytes: UnsafeRawBufferPointer($0)) }
    }

    public func add(_ name: StaticString, _ value: StaticString) { add(name, bytes: value.bytes) }

    public func add(_ name: StaticString, _ value: Int) {
        page.beginLabel(name.bytes)
        page.buffer.append(decimal: Int64(value))
        page.endLabel()
    }

    /// Bytes from outside, as a process or a file is named; they are escaped, and need not be UTF-8.
    public func add(_ name: StaticString, bytes: UnsafeRawBufferPointer) {
        page.beginLabel(name.bytes)
        page.buffer.append(escaping: bytes)
        page.endLabel()
    }
}

/// Labels every sample of an agent carries, such as the cluster it belongs to; escaped once.
public struct ConstantLabels: Hashable, Sendable {
    /// Most labels there can be.
    public static let limit = 32

    private var labels: [(name: [UInt8], value: [UInt8])] = []

    /// - Parameter labels: names as Prometheus wants them; those past ``limit`` are left out.
    public init(_ labels: [(name: String, value: String)] = []) {
        self.labels = labels.prefix(Self.limit).map { label in
            var escaped = ByteBuffer(capacity: label.value.utf8.count)
            var value = label.value
            value.withUTF8 { escaped.append(escaping: UnsafeRawBufferPointer($0)) }
            return (name: Array(label.name.utf8), value: Array(escaped.bytes))
        }
    }

    public static func == (a: ConstantLabels, b: ConstantLabels) -> Bool {
        a.labels.elementsEqual(b.labels) { $0.name == $1.name && $0.value == $1.value }
    }

    public func hash(into hasher: inout Hasher) {
        for label in labels {
            hasher.combine(label.name)
            hasher.combine(label.value)
        }
    }

    /// The bit of the label called `name`, or 0.
    func bit(of name: UnsafeRawBufferPointer) -> UInt64 {
        var bit: UInt64 = 1
        for index in 0..<labels.count {
            if labels[index].name.withUnsafeBytes({ $0.isEqual(to: name) }) { return bit }
            bit <<= 1
        }
        return 0
    }

    func write(to page: MetricsWriter) {
        for index in 0..<labels.count where page.shadowed & (1 << UInt64(index)) == 0 {
            labels[index].name.withUnsafeBytes { page.beginLabel($0, isConstant: true) }
            labels[index].value.withUnsafeBytes { page.buffer.append($0) }
            page.endLabel()
        }
    }
}

extension MetricsWriter {
    func beginLabel(_ name: UnsafeRawBufferPointer, isConstant: Bool = false) {
        // A label written twice makes the whole page invalid; what the metric says about itself counts.
        if !isConstant { shadowed |= constantLabels.bit(of: name) }
        if format == .jsonLines {
            buffer.append((labelCount == 0 ? ",\"labels\":{\"" : ",\"") as StaticString)
            buffer.append(name)
            buffer.append("\":\"" as StaticString)
        } else {
            buffer.append(UInt8(ascii: labelCount == 0 ? "{" : ","))
            buffer.append(name)
            buffer.append("=\"" as StaticString)
        }
        labelCount += 1
    }

    func endLabel() { buffer.append(UInt8(ascii: "\"")) }
}
