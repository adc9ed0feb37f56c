import Mustache

/// The operator's own words for a message: a Mustache template. What it is filled with has been made harmless for the
/// destination before, so `{{name}}` and `{{{name}}}` are the same, and no name can become markup.
public struct MessageTemplate: Sendable {
    private let template: MustacheTemplate

    /// Longest template accepted, in bytes.
    public static let mostBytes = 65_536

    /// - Throws: ``InvalidDestination`` saying what is wrong.
    public init(_ text: String) throws(InvalidDestination) {
        guard text.utf8.count <= Self.mostBytes else {
            throw InvalidDestination("must be at most \(Self.mostBytes) bytes")
        }
        do {
            template = try MustacheTemplate(string: "{{% CONTENT_TYPE:TEXT}}" + text)
        } catch {
            throw InvalidDestination("is no Mustache template: \(error)")
        }
    }

    /// - Parameter escape: makes a text harmless where it will stand.
    func text(of message: Message, escape: (String) -> String) -> String {
        var values: [String: Any] = [
            "kind": message.kind.rawValue, "title": message.kind.title, "severity": message.kind.severity,
            "tenant": escape(message.tenant), "subject": escape(message.subject),
            "pipeline": escape(message.step.pipeline), "stage": escape(message.step.stage),
            "step": escape(message.step.step), "run": escape(message.runID ?? ""), "text": escape(message.text),
            "repetition": message.repetition, "count": message.count, "at": message.at.rfc3339,
            "link": PayloadLink.url(message.link) ?? "",
            "facts": message.facts.map { ["label": escape($0.label), "value": escape($0.value)] },
        ]
        // {{#is.oom}}…{{/is.oom}}: what is said of one kind alone.
        values["is"] = Dictionary(uniqueKeysWithValues: MessageKind.allCases.map { ($0.rawValue, $0 == message.kind) })
        return template.render(values)
    }
}
