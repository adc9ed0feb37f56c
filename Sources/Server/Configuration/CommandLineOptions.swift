/// The command line, checked against the known keys.
///
/// Read here and not by swift-configuration's own provider: that one splits values at commas, which paths may contain,
/// and passes over flags it does not know.
struct CommandLineOptions: Hashable, Sendable {
    enum Action: Hashable, Sendable {
        case run, help, version
    }

    var action = Action.run
    var command = ServerCommand.serve
    /// Values by key name.
    var values: [String: String] = [:]
    /// Values of the command's own flags.
    var commandValues: [ServerCommand.Flag: String] = [:]
    /// `--config`.
    var configurationFile: String?

    /// - Throws: ``ConfigurationError`` for a flag or word that is not known, or a value that is missing.
    init(_ arguments: [String]) throws(ConfigurationError) {
        var rest = arguments[...]
        if let command = rest.first.flatMap(ServerCommand.init(rawValue:)) {
            self.command = command
            rest.removeFirst()
        }
        while let argument = rest.popFirst() {
            switch argument {
            case "--help", "-h": action = .help
            case "--version": action = .version
            default: try take(argument, &rest)
            }
        }
        if action == .run, let missing = command.flags.first(where: { commandValues[$0] == nil }) {
            throw ConfigurationError("'\(command.rawValue)' needs --\(missing.rawValue); try --help")
        }
    }

    private mutating func take(_ argument: String, _ rest: inout ArraySlice<String>) throws(ConfigurationError) {
        guard argument.hasPrefix("--") else {
            throw ConfigurationError("unknown argument '\(argument)'; try --help")
        }
        let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        let flag = (command.flags + command.optionalFlags).first { $0.rawValue == name }
        guard flag != nil || name == "config" || ConfigurationKey.all.contains(where: { $0.name == name }) else {
            throw ConfigurationError("unknown flag '--\(name)'; try --help")
        }
        let value: String
        if parts.count == 2 {
            value = String(parts[1])
        } else if let next = rest.first, !next.hasPrefix("--") {
            value = next
            rest.removeFirst()
        } else if name == "metrics-public" {
            value = "true"
        } else {
            throw ConfigurationError(key: name, "needs a value: --\(name) VALUE")
        }
        if let flag {
            commandValues[flag] = value
        } else if name == "config" {
            configurationFile = value
        } else {
            values[name] = value
        }
    }
}
