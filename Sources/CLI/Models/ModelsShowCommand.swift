import ArgumentParser
import Contract

/// `inframind models show`
struct ModelsShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one version with all its metrics.")

    @OptionGroup var server: ServerOptions

    @Argument(help: "The version; without one, the one in force.")
    var version: String?

    @Flag(help: "Print it as JSON.")
    var json = false

    func run() throws {
        let answer = try server.withClient(InheritedProcess.environmentVariables()) { try await $0.models() }
        let wanted = version ?? answer.active
        guard let model = answer.models.first(where: { $0.version == wanted }) else {
            throw UnknownModel(version: wanted)
        }
        write(json ? try prettyJSON(model) + "\n" : Self.text(model), to: .output)
    }

    /// A line a fact.
    static func text(_ model: ModelAnswer) -> String {
        var rows = [["version", model.version], ["in force", model.active ? "yes" : "no"]]
        if let created = model.created_at { rows.append(["trained", created]) }
        for (name, value) in model.metrics.sorted(by: { $0.key < $1.key }) {
            rows.append([name.replacing("_", with: " "), Quantity.decimal(value, places: 6)])
        }
        return alignedTable(rows)
    }
}

/// A version the server does not have.
struct UnknownModel: Error, CustomStringConvertible {
    var version: String

    var description: String { "There is no model \(version); `inframind models list` shows those there are." }
}
