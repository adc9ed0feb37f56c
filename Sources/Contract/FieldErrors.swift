import Builds

/// One thing wrong with a well-formed body: which field, and what is wrong with it.
public struct FieldError: Hashable, Sendable, Codable {
    /// Path of the field, `steps[3].duration_s`.
    public var field: String
    public var message: String

    public init(field: String, message: String) {
        self.field = field
        self.message = message
    }
}

/// A body that is JSON but cannot be accepted. All that is wrong with it is named at once.
public struct InvalidBody: Error, Hashable, Sendable {
    public var errors: [FieldError]

    public init(errors: [FieldError]) { self.errors = errors }
}

/// Collects everything wrong with one body, so that a client mends it in one go.
///
/// Names of fields are closures: composing them costs more than the checks, and hardly any body is wrong.
struct BodyCheck {
    private(set) var errors: [FieldError] = []

    /// More would only fill the answer; the rest shows after these are mended.
    private static let mostErrors = 50

    mutating func fail(_ field: String, _ message: String) {
        if errors.count < Self.mostErrors { errors.append(FieldError(field: field, message: message)) }
    }

    /// A name: not empty unless `mayBeEmpty`, at most ``Bounds/nameBytes`` bytes, without control characters.
    mutating func name(_ value: String, _ field: @autoclosure () -> String, mayBeEmpty: Bool = false) {
        if value.isEmpty && !mayBeEmpty { fail(field(), "must not be empty") }
        if value.utf8.count > Bounds.nameBytes { fail(field(), "must be at most \(Bounds.nameBytes) bytes") }
        if value.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
            fail(field(), "must not contain control characters")
        }
    }

    mutating func name(_ value: String?, _ field: @autoclosure () -> String) {
        if let value { name(value, field(), mayBeEmpty: true) }
    }

    /// A number within `range`.
    mutating func number(_ value: Double?, _ field: @autoclosure () -> String, in range: ClosedRange<Double>) {
        guard let value else { return }
        if !value.isFinite || !range.contains(value) {
            fail(field(), "must be between \(Self.plain(range.lowerBound)) and \(Self.plain(range.upperBound))")
        }
    }

    /// A whole number within `range`; also accepts `4.0`, which some clients send.
    mutating func count(_ value: Double?, _ field: @autoclosure () -> String, in range: ClosedRange<Double>) {
        guard let value else { return }
        if value != value.rounded() { fail(field(), "must be a whole number") }
        number(value, field(), in: range)
    }

    mutating func timestamp(_ value: String?, _ field: @autoclosure () -> String) -> Timestamp? {
        guard let value else { return nil }
        guard let timestamp = Timestamp(rfc3339: value) else {
            fail(field(), "must be an RFC 3339 time such as 2026-03-01T12:30:00Z")
            return nil
        }
        return timestamp
    }

    /// A free-form value: bounded in depth and size, because it is kept as it is.
    mutating func freeForm(_ values: [String: JSONValue], _ field: String) {
        if values.count > Bounds.freeFormKeys { fail(field, "must have at most \(Bounds.freeFormKeys) keys") }
        for (key, value) in values {
            name(key, "\(field).\(key.prefix(40))")
            if value.depth > Bounds.freeFormDepth {
                fail("\(field).\(key.prefix(40))", "must be nested at most \(Bounds.freeFormDepth) deep")
            }
            if value.containsControlCharacters { fail("\(field).\(key.prefix(40))", "must not contain NUL") }
        }
    }

    func finish() throws(InvalidBody) {
        if !errors.isEmpty { throw InvalidBody(errors: errors) }
    }

    private static func plain(_ value: Double) -> String {
        if let whole = Int64(exactly: value) { String(whole) } else { String(value) }
    }
}

extension JSONValue {
    fileprivate var depth: Int {
        switch self {
        case .array(let values): 1 + (values.map(\.depth).max() ?? 0)
        case .object(let values): 1 + (values.values.map(\.depth).max() ?? 0)
        default: 0
        }
    }

    fileprivate var containsControlCharacters: Bool {
        switch self {
        case .string(let text): text.utf8.contains(0)
        case .array(let values): values.contains(where: \.containsControlCharacters)
        case .object(let values): values.contains { $0.key.utf8.contains(0) || $0.value.containsControlCharacters }
        default: false
        }
    }
}
