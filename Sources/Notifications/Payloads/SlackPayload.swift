import Builds

/// A message as Slack's incoming webhooks take it: blocks for those who look, a text for the notification.
///
/// All that a build can name stands in `plain_text`, where nothing is formatted and nobody is mentioned, and is escaped all
/// the same. Only a template of the operator's own is `mrkdwn`.
enum SlackPayload {
    // Slack refuses what is longer.
    private static let headerLength = 140
    private static let textLength = 2900
    private static let factCount = 10

    static func json(_ message: Message, template: MessageTemplate?) -> JSONValue {
        let subject = PlainText.forSlack(message.subject)
        let heading = [message.kind.title, subject].filter { !$0.isEmpty }.joined(separator: ": ")
        let text = [message.text, message.repetition].filter { !$0.isEmpty }.joined(separator: " ")
        var blocks: [JSONValue] = [
            .object(["type": "header", "text": plain(shortened(heading, headerLength))])
        ]
        if let template {
            let own = template.text(of: message) { PlainText.forSlack($0) }
            blocks.append(
                .object([
                    "type": "section",
                    "text": .object([
                        "type": "mrkdwn", "text": .string(shortened(own.isEmpty ? " " : own, textLength)),
                        // What looks like an address or a name stays what it is.
                        "verbatim": true,
                    ]),
                ]))
        } else {
            blocks += builtIn(message, text: text)
        }
        blocks.append(.object(["type": "context", "elements": .array([plain(origin(message))])]))
        if let url = PayloadLink.url(message.link) {
            let link = "<\(url.replacing("&", with: "&amp;"))|Open the run>"
            blocks.append(
                .object(["type": "section", "text": .object(["type": "mrkdwn", "text": .string(link)])]))
        }
        return .object([
            "text": .string(shortened("\(heading). \(PlainText.forSlack(text, atMost: textLength))", textLength)),
            "mrkdwn": false, "blocks": .array(blocks), "unfurl_links": false, "unfurl_media": false,
        ])
    }

    private static func builtIn(_ message: Message, text: String) -> [JSONValue] {
        var section: [String: JSONValue] = [
            "type": "section", "text": plain(PlainText.forSlack(text.isEmpty ? " " : text, atMost: textLength)),
        ]
        let facts = message.facts.prefix(factCount).map { fact in
            plain("\(PlainText.forSlack(fact.label)): \(PlainText.forSlack(fact.value))")
        }
        if !facts.isEmpty { section["fields"] = .array(facts) }
        return [.object(section)]
    }

    private static func origin(_ message: Message) -> String {
        let run = message.runID.map { "run \(PlainText.forSlack($0))" }
        return ["InfraMind", "tenant \(PlainText.forSlack(message.tenant))", run, message.at.rfc3339]
            .compactMap(\.self).joined(separator: " · ")
    }

    private static func plain(_ text: String) -> JSONValue {
        .object(["type": "plain_text", "text": .string(text), "emoji": false])
    }

    /// An entity is not cut in half: `&am` would be shown as it is.
    private static func shortened(_ text: String, _ length: Int) -> String {
        guard text.count > length else { return text }
        var start = text.prefix(length - 1)
        if let entity = start.lastIndex(of: "&"), !start[entity...].contains(";") { start = start[..<entity] }
        return start + "…"
    }
}
