/// A piece of a page.
///
/// Written as a string literal, with values put in by interpolation: what is in the literal is markup, a `String` that is put
/// in is text and is escaped, and only another ``HTML`` goes in as it is. So a value of outside becomes markup nowhere, also
/// inside a quoted attribute, unless somebody writes ``init(trusted:)``.
///
/// ```swift
/// let row: HTML = "<td title=\"\(branch)\">\(pipeline)</td>"
/// ```
struct HTML: Hashable, Sendable {
    private(set) var text: String

    /// - Parameter text: markup that this program has made itself.
    init(trusted text: String) { self.text = text }

    /// Text for a place inside an element or a quoted attribute.
    static func escaped(_ text: some StringProtocol) -> String {
        // Most text needs nothing.
        guard text.utf8.contains(where: isSpecial) else { return String(text) }
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count + 16)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): result += Array("&amp;".utf8)
            case UInt8(ascii: "<"): result += Array("&lt;".utf8)
            case UInt8(ascii: ">"): result += Array("&gt;".utf8)
            case UInt8(ascii: "\""): result += Array("&quot;".utf8)
            case UInt8(ascii: "'"): result += Array("&#39;".utf8)
            default: result.append(byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func isSpecial(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: "'"): true
        default: false
        }
    }
}

extension HTML: ExpressibleByStringInterpolation {
    init(stringLiteral value: String) { text = value }

    init(stringInterpolation interpolation: Interpolation) { text = interpolation.text }

    struct Interpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + 16 * interpolationCount)
        }

        mutating func appendLiteral(_ literal: String) { text += literal }

        mutating func appendInterpolation(_ value: some StringProtocol) { text += HTML.escaped(value) }

        mutating func appendInterpolation(_ number: some BinaryInteger) { text += String(number) }

        mutating func appendInterpolation(_ markup: HTML) { text += markup.text }

        /// Nothing for `nil`.
        mutating func appendInterpolation(_ markup: HTML?) { text += markup?.text ?? "" }

        /// One after the other.
        mutating func appendInterpolation(_ markup: [HTML]) { for piece in markup { text += piece.text } }

        /// A length or place in an SVG, to a tenth.
        mutating func appendInterpolation(at place: Double) { text += Self.place(place) }

        private static func place(_ place: Double) -> String {
            guard let tenths = Int(exactly: (place * 10).rounded()) else { return "0" }
            let (whole, rest) = (abs(tenths) / 10, abs(tenths) % 10)
            return (tenths < 0 ? "-" : "") + (rest == 0 ? "\(whole)" : "\(whole).\(rest)")
        }
    }
}

extension Array where Element == HTML {
    func joined(separator: HTML = "") -> HTML { HTML(trusted: map(\.text).joined(separator: separator.text)) }
}
