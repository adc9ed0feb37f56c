/// What the program is called for: the first word of its command line.
enum ServerCommand: String, Hashable, Sendable, CaseIterable {
    case serve, migrate, backup, restore, copy

    /// Flags of this command alone. All are needed.
    var flags: [Flag] {
        switch self {
        case .serve, .migrate: []
        case .backup: [.to]
        case .restore: [.from]
        case .copy: [.from, .to]
        }
    }

    enum Flag: String, Hashable, Sendable {
        case from, to
    }

    /// One line for `--help`.
    var summary: String {
        switch self {
        case .serve: "take requests (when no command is named)"
        case .migrate: "bring the database up to date with this version, and say what was done"
        case .backup: "copy the database, also while servers use it, into the new file --to FILE"
        case .restore: "put the backup --from FILE into the database, which must be empty"
        case .copy: "copy all from one database into an empty one: --from URL --to URL"
        }
    }
}
