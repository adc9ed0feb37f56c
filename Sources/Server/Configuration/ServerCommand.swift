/// What the program is called for: the first word of its command line.
enum ServerCommand: String, Hashable, Sendable, CaseIterable {
    case serve, healthcheck, migrate, backup, restore, copy
    case trainSplit = "train-split"
    case trainWorker = "train-worker"
    case trainAdopt = "train-adopt"
    case firstToken = "first-token"
    case notifyTest = "notify-test"

    /// Flags of this command alone that are needed.
    var flags: [Flag] {
        switch self {
        case .serve, .healthcheck, .migrate, .firstToken: []
        case .backup: [.to]
        case .restore, .trainAdopt: [.from]
        case .copy: [.from, .to]
        case .trainSplit: [.workers, .to]
        case .trainWorker: [.rank, .machines, .shard, .model]
        case .notifyTest: [.destination]
        }
    }

    /// Flags of this command alone that have a default.
    var optionalFlags: [Flag] {
        switch self {
        case .trainSplit, .trainAdopt: [.tenant]
        case .trainWorker: [.timeout]
        case .backup: [.keep]
        case .firstToken: [.from, .to]
        case .notifyTest: [.event, .tenant]
        default: []
        }
    }

    enum Flag: String, Hashable, Sendable {
        case from, to, keep, tenant, workers, rank, machines, shard, model, timeout, destination, event
    }

    /// One line for `--help`.
    var summary: String {
        switch self {
        case .serve: "take requests (when no command is named)"
        case .healthcheck: "ask the server of this configuration whether it is ready; exit status 0 or 1"
        case .migrate: "bring the database up to date with this version, and say what was done"
        case .backup:
            "copy the database, also while servers use it, to the new file --to FILE, or into a folder: --to FOLDER [--keep N]"
        case .restore: "put the backup --from FILE into the database, which must be empty"
        case .copy: "copy all from one database into an empty one: --from URL --to URL"
        case .trainSplit: "write what a model is trained on, a file a worker: --workers N --to FOLDER [--tenant NAME]"
        case .trainWorker:
            "train together: --rank K --machines HOST:PORT,… --shard FILE --model FILE [--timeout SECONDS]"
        case .firstToken: "make the file --to FILE with a new token where there is none, or show that of --from FILE"
        case .notifyTest: "send a sample: --destination NAME [--event oom|promise|drift|anomaly|rollback|digest]"
        case .trainAdopt: "keep the model of a worker, in force if it is no worse: --from FILE [--tenant NAME]"
        }
    }
}
