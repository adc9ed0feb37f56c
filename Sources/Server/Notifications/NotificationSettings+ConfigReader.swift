import Configuration
import Foundation
import Notifications

extension NotificationSettings {
    /// Reads whom to tell.
    ///
    /// | key | type | default |
    /// | --- | --- | --- |
    /// | `notify-destinations` | list of names: small letters, digits, `-` | none |
    /// | `digest-time` | weekday and hour, UTC | `monday 8` |
    /// | `public-url` | `http` or `https` | none |
    ///
    /// and for each name, in the file under `notify:`, in the environment as `INFRAMIND_NOTIFY_NAME_KEY`, never as a flag:
    ///
    /// | key | type | default |
    /// | --- | --- | --- |
    /// | `kind` | `slack`, `webhook` or `alertmanager` | must be set |
    /// | `url` or `url-file` | `http` or `https`, a secret | must be set |
    /// | `token` or `token-file` | sent as bearer token, a secret | none |
    /// | `signing-secret` or `signing-secret-file` | `whsec_…` or 24 bytes and more, for `webhook` | none |
    /// | `events` | list of `oom`, `promise`, `drift`, `anomaly`, `rollback`, `digest` | all |
    /// | `tenants`, `pipelines` | lists of names with `*` and `?` | `*` |
    /// | `min-interval` | seconds, 0 to 3600 | 1 |
    /// | `repeat-interval` | seconds, 0 to 604800 | 1800 |
    /// | `attempts` | 1 to 100 | 12 |
    /// | `template-file` | Mustache | the built-in text |
    ///
    /// - Throws: ``ConfigurationError`` naming the key; it never repeats a secret.
    init(config reader: ConfigReader) throws(ConfigurationError) {
        let values = ConfigurationValues(reader: reader)
        if let text = try values.string("digest-time") {
            guard let schedule = DigestSchedule(text) else {
                throw ConfigurationError(key: "digest-time", "must be a weekday and an hour, as 'monday 8'")
            }
            digest = schedule
        }
        publicURL = try Self.publicURL(values)
        for name in try values.list("notify-destinations") ?? [] {
            guard Self.isName(name) else {
                throw ConfigurationError(
                    key: "notify-destinations", "names are 1 to 32 small letters, digits and '-', not '\(name)'")
            }
            guard !destinations.contains(where: { $0.name == name }) else {
                throw ConfigurationError(key: "notify-destinations", "names '\(name)' twice")
            }
            let own = ConfigurationValues(
                reader: reader.scoped(to: ConfigKey(["notify", name])), prefix: "notify.\(name).")
            destinations.append(try Self.destination(name, own))
        }
    }

    private static func isName(_ name: String) -> Bool {
        (1...32).contains(name.utf8.count)
            && name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
    }

    private static func publicURL(_ values: ConfigurationValues) throws(ConfigurationError) -> String? {
        guard var text = try values.string("public-url") else { return nil }
        do {
            _ = try DestinationAddress(text)
        } catch {
            throw ConfigurationError(key: "public-url", error.description)
        }
        while text.hasSuffix("/") { text.removeLast() }
        return text
    }

    private static func destination(
        _ name: String, _ values: ConfigurationValues
    ) throws(ConfigurationError) -> Destination {
        guard let kind: Destination.Kind = try values.choice("kind") else {
            throw ConfigurationError(key: values.named("kind"), "must be set: slack, webhook or alertmanager")
        }
        guard let url = try values.secret("url") else {
            throw ConfigurationError(key: values.named("url"), "must be set, or url-file")
        }
        let address = try checked(values.named("url")) { () throws(InvalidDestination) in try DestinationAddress(url) }
        guard kind != .slack || address.isEncrypted || address.isLoopback else {
            throw ConfigurationError(key: values.named("url"), "must begin with https://: whoever reads it can post")
        }
        var destination = Destination(name: name, kind: kind, address: address)
        if let token = try values.secret("token") {
            guard token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw ConfigurationError(key: values.named("token"), "has characters that cannot travel in a header")
            }
            destination.token = Secret(token)
        }
        if let secret = try values.secret("signing-secret") {
            guard kind == .webhook else {
                throw ConfigurationError(key: values.named("signing-secret"), "is for webhooks: \(kind) looks at none")
            }
            destination.signature = try checked(values.named("signing-secret")) { () throws(InvalidDestination) in
                try WebhookSignature(secret: secret)
            }
        }
        if let events = try events(values, of: kind) { destination.events = events }
        if let patterns = try values.list("tenants") { destination.tenants = patterns.map(NamePattern.init) }
        if let patterns = try values.list("pipelines") { destination.pipelines = patterns.map(NamePattern.init) }
        var policy = DeliveryPolicy()
        policy.shortestIntervalSeconds =
            try values.number("min-interval", in: 0...3600) ?? policy.shortestIntervalSeconds
        policy.repeatSeconds = try values.number("repeat-interval", in: 0...604_800) ?? policy.repeatSeconds
        policy.attempts = try values.integer("attempts", in: 1...100) ?? policy.attempts
        destination.policy = policy
        if let path = try values.string("template-file") {
            let text = try values.text(ofFile: path, key: "template-file", atMost: MessageTemplate.mostBytes)
            destination.template = try checked(values.named("template-file")) { () throws(InvalidDestination) in
                try MessageTemplate(text)
            }
        }
        return destination
    }

    private static func events(
        _ values: ConfigurationValues, of kind: Destination.Kind
    ) throws(ConfigurationError) -> Set<MessageKind>? {
        guard let words = try values.list("events"), words != ["all"] else { return nil }
        var events: Set<MessageKind> = []
        for word in words {
            guard let event = MessageKind(rawValue: word.lowercased()) else {
                let known = MessageKind.allCases.map(\.rawValue).joined(separator: ", ")
                throw ConfigurationError(key: values.named("events"), "are all, or of \(known), not '\(word)'")
            }
            guard kind.usualEvents.contains(event) else {
                throw ConfigurationError(key: values.named("events"), "\(kind) has no use for '\(word)'")
            }
            events.insert(event)
        }
        return events
    }

    private static func checked<Value>(
        _ key: String, _ make: () throws(InvalidDestination) -> Value
    ) throws(ConfigurationError) -> Value {
        do {
            return try make()
        } catch {
            throw ConfigurationError(key: key, error.description)
        }
    }
}

extension ConfigurationValues {
    /// Longest secret in a file, in bytes.
    private static let mostSecretBytes = 8192

    /// The value itself, or what the file `KEY-file` holds, without line ends. A secret in a flag would be seen in the list
    /// of processes, which is why destinations have no such flags.
    func secret(_ key: String) throws(ConfigurationError) -> String? {
        let value = reader.string(forKey: ConfigKey([key]), isSecret: true).flatMap { $0.isEmpty ? nil : $0 }
        guard let path = try string("\(key)-file") else { return value }
        guard value == nil else { throw ConfigurationError(key: named(key), "is set, and \(key)-file as well") }
        let text = try text(ofFile: path, key: "\(key)-file", atMost: Self.mostSecretBytes)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        guard !text.isEmpty else { throw ConfigurationError(key: named("\(key)-file"), "'\(path)' is empty") }
        return text
    }

    fileprivate func text(
        ofFile path: String, key: String, atMost bytes: Int
    ) throws(ConfigurationError) -> String {
        guard let file = FileHandle(forReadingAtPath: path), let data = try? file.read(upToCount: bytes + 1),
            data.count <= bytes, let text = String(data: data, encoding: .utf8)
        else {
            throw ConfigurationError(
                key: named(key), "'\(path)' cannot be read as text of at most \(bytes) bytes")
        }
        return text
    }
}
