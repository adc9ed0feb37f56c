import ArgumentParser

/// `inframind models`
struct ModelsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models",
        abstract: "List the trained models, look at one, train, and choose which is in force.",
        discussion: """
            A model is trained by itself as runs come in, and goes into force only when it predicts the newest runs no
            worse than the one before. Whoever activates a version by hand decides: later ones are trained but wait.

            EXAMPLES
              inframind models list
              inframind models show memory-20260401T101500Z-120
              inframind models activate none        back to the closed form, without a learned model
            """,
        subcommands: [
            ModelsListCommand.self, ModelsShowCommand.self, ModelsActivateCommand.self, ModelsTrainCommand.self,
        ],
        defaultSubcommand: ModelsListCommand.self)
}
