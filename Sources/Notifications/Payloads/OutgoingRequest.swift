import Builds
import Foundation

/// What is sent to a destination, made of a message. A value, so that every shape can be looked at without a network.
struct OutgoingRequest: Sendable {
    var url: String
    var headers: [(name: String, value: String)]
    var body: [UInt8]

    /// - Parameter origin: see ``CloudEventPayload/json(_:template:origin:)``.
    /// - Throws: what the JSON encoder throws, which for these values it does not.
    init(_ message: Message, to destination: Destination, origin: String, at now: Timestamp) throws {
        let template = destination.template
        let json: JSONValue
        var mediaType = "application/json"
        url = destination.address.url.value
        switch destination.kind {
        case .slack: json = SlackPayload.json(message, template: template)
        case .webhook:
            json = CloudEventPayload.json(message, template: template, origin: origin)
            mediaType = CloudEventPayload.mediaType
        case .alertmanager:
            json = AlertmanagerPayload.json(message, template: template, now: now)
            url = destination.address.ending(with: AlertmanagerPayload.path)
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        body = Array(try encoder.encode(json))
        headers = [
            ("Content-Type", mediaType), ("User-Agent", "inframind"), ("Accept", "application/json, text/plain"),
        ]
        if let token = destination.token { headers.append(("Authorization", "Bearer \(token.value)")) }
        if let signature = destination.signature {
            headers += signature.headers(id: message.id, at: now, body: body)
        }
    }
}
