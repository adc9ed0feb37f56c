import Builds

/// A message as a CloudEvent 1.0 in structured mode whose data is a CDEvent 0.5. Names are as they were sent: JSON can say
/// them all, and programs want them exact.
enum CloudEventPayload {
    static let mediaType = "application/cloudevents+json; charset=utf-8"

    /// - Parameter origin: names this installation, a URI reference without a slash at its end.
    static func json(_ message: Message, template: MessageTemplate?, origin: String) -> JSONValue {
        let source = JSONValue.string("\(origin)/tenants/\(percentEncoded(message.tenant))")
        let type = JSONValue.string(type(of: message.kind))
        let time = JSONValue.string(message.at.rfc3339)
        let id = JSONValue.string(message.id)
        return .object([
            "specversion": "1.0", "id": id, "source": source, "type": type, "time": time,
            "subject": .string(message.subject.isEmpty ? message.kind.rawValue : message.subject),
            "datacontenttype": "application/json",
            "data": .object([
                "context": .object([
                    "specversion": "0.5.0", "id": id, "source": source, "type": type, "timestamp": time,
                ]),
                "subject": .object(["id": .string(message.occurrence), "source": source, "content": content(message)]),
                "customDataContentType": "application/json",
                "customData": .object(details(message, template: template)),
            ]),
        ])
    }

    /// A digest is no incident; CDEvents has names for events of one's own.
    private static func type(of kind: MessageKind) -> String {
        kind == .digest ? "dev.cdeventsx.inframind-digest.published.0.1.0" : "dev.cdevents.incident.detected.0.3.0"
    }

    private static func content(_ message: Message) -> JSONValue {
        var content: [String: JSONValue] = [
            "description": .string("\(message.kind.title). \(message.text)"),
            "environment": .object(["id": .string(message.tenant)]),
        ]
        if !message.step.pipeline.isEmpty {
            content["service"] = .object(["id": .string(message.step.pipeline)])
        }
        return .object(content)
    }

    private static func details(_ message: Message, template: MessageTemplate?) -> [String: JSONValue] {
        var details: [String: JSONValue] = [
            "kind": .string(message.kind.rawValue), "severity": .string(message.kind.severity),
            "tenant": .string(message.tenant), "pipeline": .string(message.step.pipeline),
            "stage": .string(message.step.stage), "step": .string(message.step.step),
            "text": .string(template?.text(of: message) { $0 } ?? message.text),
            "count": .number(Double(message.count)),
            "facts": .array(
                message.facts.map { .object(["label": .string($0.label), "value": .string($0.value)]) }),
        ]
        details["run_id"] = message.runID.map(JSONValue.string)
        details["url"] = PayloadLink.url(message.link).map(JSONValue.string)
        details["first_at"] = message.firstAt.map { .string($0.rfc3339) }
        return details
    }
}

/// `text` with everything but RFC 3986's unreserved characters percent-encoded, so that it stays one path segment.
public func percentEncoded(_ text: String) -> String {
    let hex = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in text.utf8 {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: bytes.append(byte)
        default: bytes += [0x25, hex[Int(byte >> 4)], hex[Int(byte & 15)]]
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}
