import Builds

@testable import Notifications

/// A Wednesday, 2026-11-25T10:00:00Z, and seconds after it.
func time(_ seconds: Double = 0) -> Timestamp { Timestamp(seconds: 1_795_600_800 + seconds) }

func message(
    _ id: String = "event-1", _ kind: MessageKind = .oom, pipeline: String = "shop/cart", step: String = "link",
    at seconds: Double = 0, occurrence: String? = nil
) -> Message {
    Message(
        id: id, kind: kind, tenant: "acme", step: StepIdentity(pipeline: pipeline, stage: "build", step: step),
        runID: "run 7", at: time(seconds), text: "OOM killed at 7.8 of 8 GiB; the next run gets at least 12 GiB.",
        facts: [Message.Fact("Had", "8 GiB"), Message.Fact("Next run", "12 GiB")],
        link: "https://ci.example.org/job/7?a=1&b=2", occurrence: occurrence)
}

/// What a build can be called, and what must not come of it.
let hostileNames = [
    "<!channel>", "<@U12345>", "<https://evil.example|click>", "*bold* _it_ ~no~ `code`", "\"},{\"text\":\"injected\"",
    "line\nbreak\r\nand\ttab", "$(reboot) `id` ; rm -rf /", "&lt;!here&gt;", "\u{202E}gnp.exe", "a\u{0}b\u{1B}[31m",
    "{{#facts}}{{/facts}}{{{text}}}", String(repeating: "long ", count: 1000), "🐙 ünïcode › x",
]

func destination(
    _ kind: Destination.Kind, url: String = "https://hooks.example.org/services/T000/B000/SECRETPATH"
) throws -> Destination {
    Destination(name: "ops", kind: kind, address: try DestinationAddress(url))
}

extension JSONValue {
    subscript(name: String) -> JSONValue {
        if case .object(let members) = self { members[name] ?? .null } else { .null }
    }

    subscript(index: Int) -> JSONValue {
        if case .array(let elements) = self, elements.indices.contains(index) { elements[index] } else { .null }
    }

    var elements: [JSONValue] { if case .array(let elements) = self { elements } else { [] } }
    var keys: Set<String> { if case .object(let members) = self { Set(members.keys) } else { [] } }

    /// All strings in it, keys left out.
    var strings: [String] {
        switch self {
        case .string(let text): [text]
        case .array(let elements): elements.flatMap(\.strings)
        case .object(let members): members.values.flatMap(\.strings)
        default: []
        }
    }
}
