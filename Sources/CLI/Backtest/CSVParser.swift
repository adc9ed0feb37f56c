/// Comma-separated values after RFC 4180, a piece at a time: quotes, doubled quotes, line breaks inside quotes, LF,
/// CRLF, a byte order mark. Blank lines are left out. What it holds is bounded by ``CSVLimits``, whatever comes in.
struct CSVParser: Sendable {
    private enum State {
        case fieldStart, unquoted, quoted, quoteInQuoted, carriageReturn
    }

    private let limits: CSVLimits
    private var state = State.fieldStart
    private var field: [UInt8] = []
    private var record: [String] = []
    private var recordBytes = 0
    /// Line of the next byte, and of the record that is being read; the first is 1.
    private var line = 1
    private var recordLine = 1
    /// Bytes of a byte order mark that were seen; `nil` when none can follow any more.
    private var markBytes: Int? = 0
    private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

    init(limits: CSVLimits = CSVLimits()) { self.limits = limits }

    /// Reads on.
    ///
    /// - Parameter emit: gets every record that is complete, with the line on which it begins.
    /// - Throws: ``CSVError``, and what `emit` throws.
    mutating func read(_ bytes: some Sequence<UInt8>, emit: ([String], Int) throws -> Void) throws {
        for byte in bytes where try !isMark(byte) { try read(byte, emit) }
    }

    /// Reads the end: the last record need not end with a line break.
    mutating func finish(emit: ([String], Int) throws -> Void) throws {
        if state == .quoted { throw CSVError(line: recordLine, "a quote is opened and never closed") }
        if state == .carriageReturn { return }
        try endRecord(emit)
    }

    private mutating func isMark(_ byte: UInt8) throws -> Bool {
        guard let seen = markBytes else { return false }
        guard byte == Self.mark[seen] else {
            markBytes = nil
            if seen > 0 { throw CSVError(line: 1, "the file begins with half a byte order mark; it must be UTF-8") }
            return false
        }
        markBytes = seen + 1 == Self.mark.count ? nil : seen + 1
        return true
    }

    private mutating func read(_ byte: UInt8, _ emit: ([String], Int) throws -> Void) throws {
        if byte == 0 { throw CSVError(line: line, "there is a NUL byte; this is no text") }
        if state == .carriageReturn {
            state = .fieldStart
            if byte == UInt8(ascii: "\n") { return }
        }
        switch (state, byte) {
        case (.quoted, UInt8(ascii: "\"")): state = .quoteInQuoted
        case (.quoted, _):
            if byte == UInt8(ascii: "\n") { line += 1 }
            try append(byte)
        case (.quoteInQuoted, UInt8(ascii: "\"")):
            try append(byte)
            state = .quoted
        case (.fieldStart, UInt8(ascii: "\"")): state = .quoted
        case (_, UInt8(ascii: ",")):
            try endField()
            state = .fieldStart
        case (_, UInt8(ascii: "\n")), (_, UInt8(ascii: "\r")):
            try endRecord(emit)
            line += 1
            recordLine = line
            state = byte == UInt8(ascii: "\r") ? .carriageReturn : .fieldStart
        case (.quoteInQuoted, _):
            throw CSVError(line: line, "text follows a closing quote; double a quote that belongs to the text")
        default:
            try append(byte)
            state = .unquoted
        }
    }

    private mutating func append(_ byte: UInt8) throws {
        field.append(byte)
        recordBytes += 1
        if recordBytes > limits.recordBytes {
            throw CSVError(line: recordLine, "a row is longer than \(limits.recordBytes) bytes")
        }
    }

    private mutating func endField() throws {
        record.append(String(decoding: field, as: UTF8.self))
        field.removeAll(keepingCapacity: true)
        if record.count > limits.columns {
            throw CSVError(line: recordLine, "a row has more than \(limits.columns) cells")
        }
    }

    private mutating func endRecord(_ emit: ([String], Int) throws -> Void) throws {
        let isBlank = record.isEmpty && field.isEmpty && state == .fieldStart
        try endField()
        let complete = record
        record.removeAll(keepingCapacity: true)
        recordBytes = 0
        if !isBlank { try emit(complete, recordLine) }
    }
}
