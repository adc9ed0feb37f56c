import Builds
import Foundation
import Logging

/// Writes one line per message to stderr, as text for people or as JSON for collectors.
struct LineLogHandler: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    let label: String
    let format: LoggingConfiguration.Format
    /// Where lines go; stderr outside tests.
    let write: @Sendable (String) -> Void

    init(
        label: String, configuration: LoggingConfiguration,
        write: @escaping @Sendable (String) -> Void = { FileHandle.standardError.write(Data($0.utf8)) }
    ) {
        self.label = label
        logLevel = configuration.level
        format = configuration.format
        self.write = write
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
        if let given = event.metadata { all.merge(given) { $1 } }
        if let error = event.error { all["error"] = "\(error)" }
        let fields = all.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value.description) }
        let now = Timestamp(seconds: Date().timeIntervalSince1970).rfc3339
        switch format {
        case .text:
            let tail = fields.map { " \($0.key)=\(Self.quoted($0.value))" }.joined()
            write("\(now) \(event.level.rawValue) \(Self.singleLine(event.message.description))\(tail)\n")
        case .json:
            var object: [String: JSONValue] = [
                "time": .string(now), "level": .string(event.level.rawValue), "logger": .string(label),
                "message": .string(event.message.description),
            ]
            for field in fields { object[field.key] = .string(field.value) }
            write(JSONText.string(object) + "\n")
        }
    }

    private static func quoted(_ value: String) -> String {
        value.contains(where: { $0.isWhitespace || $0 == "\"" || $0 == "=" }) ? JSONText.string(value) : value
    }

    /// A line break in a message would forge a second line.
    private static func singleLine(_ text: String) -> String {
        text.contains(where: \.isNewline) ? text.split(whereSeparator: \.isNewline).joined(separator: " ") : text
    }
}

/// The server's logger.
func makeLogger(_ configuration: LoggingConfiguration) -> Logger {
    Logger(label: "inframind-server") { LineLogHandler(label: $0, configuration: configuration) }
}
