import Configuration
import Logging
import Optimizer
import Sharing

extension ServerConfiguration {
    /// Reads the configuration.
    ///
    /// | key | type | default |
    /// | --- | --- | --- |
    /// | `host` | string | `127.0.0.1` |
    /// | `port` | integer, 0 to 65535; 0 takes a free one | 8080 |
    /// | `data` | folder | `./inframind-data` |
    /// | `database-url` | `sqlite:PATH` or `postgresql://…` | `sqlite:` with `inframind.db` in `data` |
    /// | `database-url-file` | file that holds a `postgresql://…`, read for every connection | none |
    /// | `redis-url` | `redis://[:PASSWORD@]HOST[:PORT][/DATABASE]` | none |
    /// | `redis-url-file` | file that holds it, read again when it changes | none |
    /// | `tls-certificate`, `tls-key` | PEM files, both or none | none: plain HTTP |
    /// | `tls-client-ca` | PEM file; clients must then show a certificate | none |
    /// | `environment` | `development` or `production` | `development` |
    /// | `tokens` | list of `TOKEN` or `TENANT=TOKEN` | the development key |
    /// | `tokens-file` | file with such entries, one a line, read again when it changes | none |
    /// | `session-key` | string of at least 32 characters, secret | one of this process |
    /// | `session-key-file` | file with such strings, one a line, the first seals, read again when it changes | none |
    /// | `max-request-bytes` | integer, 1024 to 67108864 | 1048576 |
    /// | `request-timeout` | seconds, 0.1 to 600 | 10 |
    /// | `rate-limit` | requests per second and token, 0 to 100000; 0: no limit | 0 |
    /// | `drain-seconds` | seconds, 0 to 600 | 0 in development, 5 in production |
    /// | `retention-days` | days, 0 to 36500; 0: for good | 400 |
    /// | `idle-timeout` | seconds, 1 to 3600 | 60 |
    /// | `log-level` | level of swift-log | `info` |
    /// | `log-format` | `text` or `json` | `text` |
    /// | `metrics-public` | boolean | true in development, false in production |
    /// | `metrics-pipelines` | whole number, 0 to 10000 | 100 |
    /// | `oom-risk` | 0.0001 to 0.5 | 0.02 |
    /// | `exploration-rate` | 0 to 1 | 0.15 |
    /// | `control-rate` | 0 to 1 | 0.02 |
    /// | `seed` | whole number, 0 or more | 1 |
    /// | `cpu-price` | USD per core and hour | 0.04048 |
    /// | `memory-price` | USD per GiB and hour | 0.004445 |
    /// | `pool-prices` | list of `POOL=CPU/MEMORY`, USD per core and hour and per GiB and hour | none |
    /// | `lightgbm-library` | path | looked for, see ``LightGBMSearch`` |
    /// | `notify-destinations` and more | see ``NotificationSettings`` | none |
    /// | `oidc-issuer` and more | see ``OpenIDSettings`` | none |
    ///
    /// - Throws: ``ConfigurationError`` naming the first key whose value cannot be used.
    init(config reader: ConfigReader) throws(ConfigurationError) {
        let values = ConfigurationValues(reader: reader)
        (redis, redisFile) = try Self.redis(values)
        address.host = try values.string("host") ?? address.host
        address.port = try values.integer("port", in: 0...65_535) ?? address.port
        database = try DatabaseLocation(
            url: values.string("database-url"), file: values.string("database-url-file"),
            dataFolder: values.string("data") ?? "./inframind-data")
        tls = try Self.tls(values)
        environment = try values.choice("environment") ?? environment
        if let list = try values.list("tokens") { tokens = try AccessTokens(list) }
        if let path = try values.string("tokens-file") {
            guard try values.list("tokens") == nil else {
                throw ConfigurationError(key: "tokens-file", "must not be set together with tokens")
            }
            tokensFile = SecretFile(path: path)
            tokens = try AccessTokens(file: SecretFile(path: path))
        }
        if let secret = try values.string("session-key") {
            sessionKeys = try SessionKeys([secret], key: "session-key")
        }
        if let path = try values.string("session-key-file") {
            guard try values.string("session-key") == nil else {
                throw ConfigurationError(key: "session-key-file", "must not be set together with session-key")
            }
            let file = SecretFile(path: path)
            sessionKeyFile = file
            sessionKeys = try SessionKeys(file.lines(key: "session-key-file"), key: "session-key-file")
        }
        limits.bodyBytes = try values.integer("max-request-bytes", in: 1024...67_108_864) ?? limits.bodyBytes
        limits.timeoutSeconds = try values.number("request-timeout", in: 0.1...600) ?? limits.timeoutSeconds
        limits.idleTimeoutSeconds = try values.number("idle-timeout", in: 1...3600) ?? limits.idleTimeoutSeconds
        let perSecond = try values.integer("rate-limit", in: 0...100_000) ?? 0
        requestsPerSecond = perSecond == 0 ? nil : perSecond
        drainSeconds =
            try values.number("drain-seconds", in: 0...600) ?? (environment == .production ? 5 : drainSeconds)
        let days = try values.integer("retention-days", in: 0...36_500) ?? 400
        stepRetentionDays = days == 0 ? nil : days
        logging.level = try values.choice("log-level") ?? logging.level
        logging.format = try values.choice("log-format") ?? logging.format
        metricsArePublic = try values.boolean("metrics-public") ?? (environment == .development)
        metricsPipelineLimit = try values.integer("metrics-pipelines", in: 0...10_000) ?? metricsPipelineLimit
        optimizer.oomRisk = try values.number("oom-risk", in: 0.0001...0.5) ?? optimizer.oomRisk
        optimizer.explorationRate = try values.number("exploration-rate", in: 0...1) ?? optimizer.explorationRate
        optimizer.controlRate = try values.number("control-rate", in: 0...1) ?? optimizer.controlRate
        optimizer.cpuPricePerCoreHourUSD =
            try values.number("cpu-price", in: 0...1e6) ?? optimizer.cpuPricePerCoreHourUSD
        optimizer.memoryPricePerGiBHourUSD =
            try values.number("memory-price", in: 0...1e6) ?? optimizer.memoryPricePerGiBHourUSD
        if let list = try values.list("pool-prices") { optimizer.poolPrices = try PoolPrices.named(list) }
        seed = try values.integer("seed", in: 0...Int.max).map { UInt64($0) } ?? seed
        lightGBMPath = try values.string("lightgbm-library")
        notifications = try NotificationSettings(config: reader)
        openID = try OpenIDSettings.read(values, publicURL: notifications.publicURL)
    }

    private static func redis(
        _ values: ConfigurationValues
    ) throws(ConfigurationError) -> (address: RedisAddress?, file: SecretFile?) {
        let url = try values.string("redis-url")
        guard let path = try values.string("redis-url-file") else {
            return (try url.map { url throws(ConfigurationError) in try RedisAddress(url, key: "redis-url") }, nil)
        }
        guard url == nil else {
            throw ConfigurationError(key: "redis-url-file", "must not be set together with redis-url")
        }
        let file = SecretFile(path: path)
        return (try RedisAddress(lines: file.lines(key: "redis-url-file"), key: "redis-url-file"), file)
    }

    private static func tls(_ values: ConfigurationValues) throws(ConfigurationError) -> TLSFiles? {
        let certificate = try values.string("tls-certificate")
        let key = try values.string("tls-key")
        let authority = try values.string("tls-client-ca")
        switch (certificate, key) {
        case (let certificate?, let key?):
            return TLSFiles(certificate: certificate, key: key, clientAuthority: authority)
        case (nil, nil) where authority == nil: return nil
        case (nil, _): throw ConfigurationError(key: "tls-certificate", "must be set, too")
        case (_, nil): throw ConfigurationError(key: "tls-key", "must be set, too")
        }
    }

    /// Refuses to open a server to others with the key everyone knows.
    ///
    /// - Throws: ``ConfigurationError`` when the development key would be valid outside development on loopback.
    func checkSafety() throws(ConfigurationError) { try checkSafety(of: tokens) }

    /// The same of tokens that stand in for those the server began with.
    func checkSafety(of tokens: AccessTokens) throws(ConfigurationError) {
        guard tokens.containsDevelopmentKey else { return }
        if environment != .development {
            throw ConfigurationError(
                key: "tokens", "must be set in production: the development key is public knowledge")
        }
        if !address.isLoopback {
            throw ConfigurationError(
                key: "tokens", "must be set to listen on \(address.host): the development key works on loopback only")
        }
    }
}

extension RedisAddress {
    /// - Parameter key: what the error names.
    /// - Throws: ``ConfigurationError``.
    init(_ url: String, key: String) throws(ConfigurationError) {
        do {
            try self.init(url)
        } catch {
            throw ConfigurationError("\(key): \(error)")
        }
    }

    /// - Parameter lines: of a file that holds the URL.
    /// - Throws: ``ConfigurationError``.
    init(lines: [String], key: String) throws(ConfigurationError) { try self.init(lines.first ?? "", key: key) }

    /// The same place, as a file that was replaced says it: another password, another host.
    ///
    /// - Throws: ``ConfigurationError`` when it is another database of it: what servers tell each other would be heard by half of
    ///   them.
    func renewed(by lines: [String], key: String) throws(ConfigurationError) -> RedisAddress {
        let address = try RedisAddress(lines: lines, key: key)
        guard address.database == database else {
            throw ConfigurationError(key: key, "must not name another database while the server runs")
        }
        return address
    }
}

/// Reads values as text and checks them, so that every error names its key and what would be right.
struct ConfigurationValues {
    var reader: ConfigReader
    /// What stands before a key where it is named.
    var prefix = ""

    /// The key as people write it.
    func named(_ key: String) -> String { prefix + key }

    /// `nil` when not set; an empty value counts as not set, as shells and compose files produce those.
    func string(_ key: String) throws(ConfigurationError) -> String? {
        if let value = reader.string(forKey: ConfigKey([key])) { return value.isEmpty ? nil : value }
        if reader.stringArray(forKey: ConfigKey([key])) != nil {
            throw ConfigurationError(key: named(key), "must be one value, not a list")
        }
        return nil
    }

    /// A YAML list, or one text with commas.
    func list(_ key: String) throws(ConfigurationError) -> [String]? {
        if let text = reader.string(forKey: ConfigKey([key]), isSecret: true) {
            guard !text.isEmpty else { return nil }
            return text.split(separator: ",").map { $0.trimming(while: \.isWhitespace) }
        }
        return reader.stringArray(forKey: ConfigKey([key]), isSecret: true)
    }

    func integer(_ key: String, in range: ClosedRange<Int>) throws(ConfigurationError) -> Int? {
        guard let text = try string(key) else { return nil }
        guard let value = Int(text), range.contains(value) else {
            throw ConfigurationError(
                key: named(key),
                range.upperBound == .max
                    ? "must be a whole number of at least \(range.lowerBound), is '\(text)'"
                    : "must be a whole number from \(range.lowerBound) to \(range.upperBound), is '\(text)'")
        }
        return value
    }

    func number(_ key: String, in range: ClosedRange<Double>) throws(ConfigurationError) -> Double? {
        guard let text = try string(key) else { return nil }
        guard let value = Double(text), range.contains(value) else {
            throw ConfigurationError(
                key: named(key), "must be a number from \(range.lowerBound) to \(range.upperBound), is '\(text)'")
        }
        return value
    }

    func boolean(_ key: String) throws(ConfigurationError) -> Bool? {
        guard let text = try string(key) else { return nil }
        switch text.lowercased() {
        case "true", "yes", "on", "1": return true
        case "false", "no", "off", "0": return false
        default: throw ConfigurationError(key: named(key), "must be true or false, is '\(text)'")
        }
    }

    func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ key: String
    ) throws(ConfigurationError) -> Choice? {
        guard let text = try string(key) else { return nil }
        guard let choice = Choice(rawValue: text.lowercased()) else {
            let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw ConfigurationError(key: named(key), "must be one of \(words), is '\(text)'")
        }
        return choice
    }
}

extension Substring {
    /// Without the characters at both ends that satisfy `predicate`.
    fileprivate func trimming(while predicate: (Character) -> Bool) -> String {
        var text = drop(while: predicate)
        while let last = text.last, predicate(last) { text.removeLast() }
        return String(text)
    }
}
