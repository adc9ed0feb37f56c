import Configuration
import Foundation

/// Where values come from, strongest first: flags, environment, configuration file. Defaults are in
/// ``ServerConfiguration``.
struct ConfigurationSources {
    /// Read from the working directory when `--config` names no other.
    static let defaultFile = "inframind.yaml"

    var reader: ConfigReader

    /// - Parameter environment: the process's variables; only those with the prefix `INFRAMIND_` are read.
    /// - Throws: ``ConfigurationError`` when a configuration file is named but cannot be read, or is no YAML mapping.
    init(options: CommandLineOptions, environment: [String: String]) async throws {
        let flags = InMemoryProvider(
            name: "command line",
            values: Dictionary(
                uniqueKeysWithValues: options.values.map { name, value in
                    (
                        AbsoluteConfigKey([name]),
                        ConfigValue(.string(value), isSecret: ConfigurationKey.secrets.contains(name))
                    )
                }))
        let variables = EnvironmentVariablesProvider(
            environmentVariables: environment.filter { $0.key.hasPrefix("INFRAMIND_") },
            secretsSpecifier: .specific(
                Set(ConfigurationKey.all.filter { ConfigurationKey.secrets.contains($0.name) }.map(\.environmentName)))
        ).prefixKeys(with: "inframind")
        let file = try await Self.file(options.configurationFile)
        reader = ConfigReader(providers: [flags, variables, file])
    }

    private static func file(_ path: String?) async throws -> FileProvider<YAMLSnapshot> {
        do {
            return try await FileProvider<YAMLSnapshot>(
                filePath: .init(path ?? defaultFile), allowMissing: path == nil)
        } catch {
            throw ConfigurationError(key: "config", "'\(path ?? defaultFile)' cannot be read: \(error)")
        }
    }
}
