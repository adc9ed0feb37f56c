import Builds

/// A message as Alertmanager's API version 2 takes it. What repeats has the same labels and is the same alert; it ends by
/// itself, for nobody will say that a kill is over.
enum AlertmanagerPayload {
    static let path = "/api/v2/alerts"
    /// How long an alert is active after it was sent.
    private static let activeSeconds = 3600.0

    static func json(_ message: Message, template: MessageTemplate?, now: Timestamp) -> JSONValue {
        var labels = ["alertname": name(of: message.kind), "severity": message.kind.severity, "service": "inframind"]
        labels["tenant"] = message.tenant
        labels["pipeline"] = message.step.pipeline
        labels["stage"] = message.step.stage
        labels["step"] = message.step.step
        let text = [message.text, message.repetition].filter { !$0.isEmpty }.joined(separator: " ")
        var annotations = ["summary": "\(message.kind.title): \(message.subject)", "description": text]
        annotations["run_id"] = message.runID
        for fact in message.facts { annotations[annotationName(fact.label)] = fact.value }
        var alert: [String: JSONValue] = [
            // An empty label is no label.
            "labels": .object(harmless(labels.filter { !$0.value.isEmpty })),
            "startsAt": .string(min(message.at, now).rfc3339),
            "endsAt": .string(now.advanced(bySeconds: activeSeconds).rfc3339),
        ]
        var texts = harmless(annotations)
        if let own = template?.text(of: message, escape: { PlainText.forAlertmanager($0) }) {
            texts["description"] = .string(own)
        }
        alert["annotations"] = .object(texts)
        alert["generatorURL"] = PayloadLink.url(message.link).map(JSONValue.string)
        return .array([.object(alert)])
    }

    /// `InframindOOM`, `InframindDrift`.
    private static func name(of kind: MessageKind) -> String {
        switch kind {
        case .oom: "InframindOOM"
        case .promise: "InframindOOMPromiseBroken"
        case .drift: "InframindDrift"
        case .anomaly: "InframindAnomaly"
        case .rollback: "InframindRollback"
        case .digest: "InframindDigest"
        }
    }

    /// Labels of facts are our own words: `had`, `next run gets`.
    private static func annotationName(_ label: String) -> String {
        String(label.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    }

    private static func harmless(_ texts: [String: String]) -> [String: JSONValue] {
        texts.mapValues { .string(PlainText.forAlertmanager($0)) }
    }
}
