/// A place in the dashboard, written so that it can stand in an attribute.
struct Link: Hashable, Sendable {
    private var path: String
    private var query: [(name: String, value: String)]

    /// - Parameter query: parameters without a value are left out.
    init(_ path: String, _ query: KeyValuePairs<String, String?> = [:]) {
        self.path = path
        self.query = query.compactMap { name, value in value.map { (name, $0) } }
    }

    /// Percent-encoded.
    var text: String {
        guard !query.isEmpty else { return path }
        return path + "?"
            + query.map { "\(Self.encoded($0.name))=\(Self.encoded($0.value))" }.joined(separator: "&")
    }

    /// Every byte that is not a letter, a digit or one of `-._~` as `%XX`.
    static func encoded(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let hex = String(byte, radix: 16, uppercase: true)
                result += "%" + (hex.count == 1 ? "0" : "") + hex
            }
        }
        return result
    }

    static func == (a: Link, b: Link) -> Bool { a.text == b.text }

    func hash(into hasher: inout Hasher) { hasher.combine(text) }

    /// An `<a>`.
    func html(_ text: HTML) -> HTML { "<a href=\"\(self.text)\">\(text)</a>" }
}

extension Link {
    static func pipeline(_ name: String, before number: Int64? = nil) -> Link {
        Link("/ui/pipeline", ["name": name, "before": number.map(String.init)])
    }

    static func run(_ id: String) -> Link { Link("/ui/run", ["id": id]) }

    static func whatIf(_ step: (pipeline: String, stage: String, step: String), memoryGiB: String? = nil) -> Link {
        Link(
            "/ui/what-if",
            [
                "pipeline": step.pipeline, "stage": step.stage.isEmpty ? nil : step.stage,
                "step": step.step.isEmpty ? nil : step.step, "memory": memoryGiB,
            ])
    }
}
