import ArgumentParser
import Contract

/// `inframind models list`
struct ModelsListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the versions, newest first; a star marks the one in force.")

    @OptionGroup var server: ServerOptions

    @Flag(help: "Print the server's answer as JSON.")
    var json = false

    func run() throws {
        let answer = try server.withClient(InheritedProcess.environmentVariables()) { try await $0.models() }
        write(json ? try prettyJSON(answer) + "\n" : Self.table(answer), to: .output)
    }

    /// A line a version, with the metrics that decide.
    static func table(_ answer: ModelsAnswer) -> String {
        func cell(_ value: Double?, _ places: Int) -> String {
            value.map { Quantity.decimal($0, places: places) } ?? "–"
        }
        let rows = answer.models.map { model in
            [
                model.active ? "*" : "", model.version, model.created_at ?? "–", cell(model.metrics["rows"], 0),
                cell(model.metrics["pinball_loss"], 4), cell(model.metrics["mae"], 3),
                model.metrics["coverage"].map(Quantity.percent) ?? "–", cell(model.metrics["sharpness"], 3),
            ]
        }
        return alignedTable(
            [["", "version", "trained", "rows", "pinball loss", "MAE GiB", "coverage", "sharpness GiB"]] + rows)
    }
}
