import Builds
import Foundation
import Hummingbird
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// `inframind-server [serve]`: reads its configuration, builds the application, serves until it is told to stop. The
/// other commands do one thing to the database and end.
@main
enum Server {
    static func main() async {
        // Requests go on where their bytes arrive, instead of changing threads several times on the way. Where it does
        // not work (a later Swift), all is as before, only slower.
        NIOSingletons.unsafeTryInstallSingletonPosixEventLoopGroupAsConcurrencyGlobalExecutor()
        let status = await run(
            arguments: Array(CommandLine.arguments.dropFirst()), environment: ProcessInfo.processInfo.environment)
        exit(status)
    }

    /// - Parameter arguments: without the program's name.
    /// - Returns: the exit status: 0 when all went well, 1 when the server failed, 2 when it was called wrongly.
    static func run(arguments: [String], environment: [String: String]) async -> Int32 {
        let configuration: ServerConfiguration
        let options: CommandLineOptions
        do {
            options = try CommandLineOptions(arguments)
            switch options.action {
            case .help:
                print(UsageText.text)
                return 0
            case .version:
                print("inframind-server \(Version.current)")
                return 0
            case .run where options.command == .trainWorker:
                // On this thread and before anything else: LightGBM's network belongs to one thread.
                return TrainWorkerCommand(values: options.commandValues, environment: environment).run()
            case .run where options.command == .firstToken:
                // Before the configuration is read, which may name the very file that is to be made.
                return firstToken(from: options.commandValues[.from], to: options.commandValues[.to])
            case .run: break
            }
            let sources = try await ConfigurationSources(options: options, environment: environment)
            configuration = try ServerConfiguration(config: sources.reader)
            if options.command == .serve { try configuration.checkSafety() }
        } catch {
            complain(error)
            return 2
        }
        let logger = makeLogger(configuration.logging)
        do {
            try await carryOut(options, configuration, environment: environment, logger: logger)
            return 0
        } catch let error as ConfigurationError {
            complain(error)
            return 2
        } catch {
            complain(error)
            return 1
        }
    }

    private static func carryOut(
        _ options: CommandLineOptions, _ configuration: ServerConfiguration, environment: [String: String],
        logger: Logger
    ) async throws {
        let upkeep = StoreUpkeep(database: configuration.database)
        let training = DistributedTraining(configuration, environment: environment, logger: logger)
        let tenant = options.commandValues[.tenant].map { TenantID($0) } ?? .default
        func value(_ flag: ServerCommand.Flag) -> String { options.commandValues[flag] ?? "" }
        switch options.command {
        case .serve: try await serve(configuration, environment: environment, logger: logger)
        case .healthcheck: try await HealthcheckCommand(configuration: configuration).run()
        case .migrate: try await upkeep.migrate()
        case .backup:
            try await backup(configuration.database, upkeep, to: value(.to), keep: options.commandValues[.keep])
        case .restore: try await BackupFile(path: value(.from)).read(into: configuration.database, upkeep)
        case .copy:
            try await upkeep.copy(
                from: DatabaseLocation(url: value(.from), key: "--from"), schema: .asItIs,
                to: DatabaseLocation(url: value(.to), key: "--to"))
        case .trainSplit: try await training.split(tenant, workers: value(.workers), to: value(.to))
        case .notifyTest:
            let test = NotifyTestCommand(settings: configuration.notifications)
            print(
                try await test.run(
                    destination: value(.destination), event: options.commandValues[.event], tenant: tenant))
        case .trainAdopt: try await training.adopt(tenant, from: value(.from))
        // Need no configuration, and have been dealt with.
        case .trainWorker, .firstToken: break
        }
    }

    private static func backup(
        _ database: DatabaseLocation, _ upkeep: StoreUpkeep, to path: String, keep: String?
    ) async throws {
        if BackupFolder.exists(at: path) {
            let folder = try BackupFolder(path: path, keep: keep)
            return try await folder.write(from: database, upkeep, at: WallClock.system.now())
        }
        guard keep == nil else { throw ConfigurationError(key: "--keep", "needs a folder; '\(path)' is none") }
        try await BackupFile(path: path).write(from: database, upkeep)
    }

    private static func firstToken(from source: String?, to target: String?) -> Int32 {
        do {
            switch (source, target) {
            case (nil, let path?): try FirstToken(path: path).make()
            case (let path?, nil): try FirstToken(path: path).show()
            default: throw ConfigurationError("'first-token' needs --to FILE or --from FILE; try --help")
            }
            return 0
        } catch {
            complain(error)
            return error is ConfigurationError ? 2 : 1
        }
    }

    /// Serves until it is told to stop.
    private static func serve(
        _ configuration: ServerConfiguration, environment: [String: String], logger: Logger
    ) async throws {
        let drain = Drain(duration: .seconds(configuration.drainSeconds))
        let application = try await buildApplication(
            configuration: configuration, environment: environment, logger: logger, drain: drain)
        // Services are stopped from the last to the first.
        try await ServiceGroup(
            services: [application, drain], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger
        ).run()
    }

    /// One line on stderr, whatever the error's own text looks like.
    static func complain(_ error: any Error) {
        let text = String(describing: error).split(whereSeparator: \.isNewline).joined(separator: " ")
        FileHandle.standardError.write(Data("inframind-server: \(text)\n".utf8))
    }
}
