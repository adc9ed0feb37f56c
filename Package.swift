// swift-tools-version: 6.2
import PackageDescription

/// Warnings are errors in our own code; the flag does not reach the packages we depend on.
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

let package = Package(
    name: "inframind",
    products: [
        .executable(name: "inframind", targets: ["CLI"]),
        .executable(name: "inframind-server", targets: ["Server"]),
        .executable(name: "inframind-agent", targets: ["Agent"]),
    ],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(
            url: "https://github.com/apple/swift-configuration", from: "1.4.0",
            traits: ["CommandLineArguments", "YAML"]),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        // THE NOUNS. Depends on nothing.
        .target(name: "Builds", swiftSettings: strict),
        // THE WIRE. The JSON bodies both ends of the HTTP API share.
        .target(name: "Contract", dependencies: ["Builds"], swiftSettings: strict),
        // MEASURE
        .target(name: "Telemetry", dependencies: ["Builds"], swiftSettings: strict),
        // DECIDE
        .target(name: "CLightGBM"),
        .target(name: "Optimizer", dependencies: ["Builds", "CLightGBM"], swiftSettings: strict),
        // REMEMBER
        .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .target(
            name: "Storage",
            dependencies: [
                "Builds", "CPostgres", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        // SHARE. What servers share and may lose.
        // No pkgConfig: hiredis' file repeats the default include path, which SwiftPM warns about on each build.
        .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
        .target(name: "Sharing", dependencies: ["CHiredis"], swiftSettings: strict),
        // TALK
        .target(
            name: "Client",
            dependencies: [
                "Builds", "Contract",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: strict),
        // TAKE IN: many reports at once, bytes in, rows out.
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "Ingest", dependencies: ["Builds", "CZlib", "Contract", "Storage"], swiftSettings: strict),
        // TELL
        .target(
            name: "Notifications",
            dependencies: [
                "Builds",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: strict),
        // SERVE
        .target(name: "CDashboard", exclude: ["assets"]),
        .executableTarget(
            name: "Server",
            dependencies: [
                "Builds", "CDashboard", "Contract", "Ingest", "Notifications", "Optimizer", "Sharing", "Storage",
                "Telemetry",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: strict),
        // WATCH
        .systemLibrary(name: "CEpoll"),
        .target(name: "COpenSSL"),
        .executableTarget(
            name: "Agent",
            dependencies: ["Builds", "CEpoll", "COpenSSL", "CZlib", "Telemetry"],
            swiftSettings: strict),
        // WRAP
        .target(name: "CSpawn"),
        .executableTarget(
            name: "CLI",
            dependencies: [
                "Builds", "CSpawn", "Client", "Contract", "Optimizer", "Telemetry",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),

        // What tests of programs that talk stand on.
        .target(name: "Scaffolding", path: "Tests/Scaffolding"),
        .target(name: "CAllocations", path: "Tests/CAllocations"),
        .target(name: "Faults", dependencies: ["Scaffolding"], path: "Tests/Faults", swiftSettings: strict),
        .executableTarget(
            name: "TrainWorkerFixture", dependencies: ["Optimizer"], path: "Tests/TrainWorkerFixture",
            swiftSettings: strict),
        .testTarget(name: "BuildsTests", dependencies: ["Builds"]),
        .testTarget(name: "ContractTests", dependencies: ["Builds", "Contract"]),
        .testTarget(name: "TelemetryTests", dependencies: ["Builds", "Telemetry"], resources: [.copy("Fixtures")]),
        .testTarget(
            name: "OptimizerTests", dependencies: ["Builds", "Optimizer", "Scaffolding", "TrainWorkerFixture"],
            exclude: ["Backtest/Fixtures"],
            resources: [.copy("Fixtures")]),
        .testTarget(
            name: "StorageTests",
            dependencies: ["Builds", "Scaffolding", "Storage", .product(name: "GRDB", package: "GRDB.swift")]),
        .testTarget(name: "SharingTests", dependencies: ["Scaffolding", "Sharing"]),
        .testTarget(
            name: "IngestTests",
            dependencies: ["Builds", "CZlib", "Contract", "Ingest", "Scaffolding", "Storage"]),
        .testTarget(
            name: "NotificationsTests",
            dependencies: ["Builds", "Notifications", "Scaffolding", .product(name: "Crypto", package: "swift-crypto")]),
        .testTarget(name: "ClientTests", dependencies: ["Builds", "Client", "Contract", "Scaffolding"]),
        .testTarget(
            name: "ServerTests",
            dependencies: [
                "Builds", "Contract", "Notifications", "Optimizer", "Scaffolding", "Server", "Sharing", "Storage",
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        .testTarget(
            name: "AgentTests", dependencies: ["Agent", "CAllocations", "CZlib", "Scaffolding", "Telemetry"]),
        .testTarget(
            name: "CLITests", dependencies: ["Builds", "CLI", "Client", "Contract", "Scaffolding", "Telemetry"]),
        .testTarget(
            name: "SystemTests",
            dependencies: ["Builds", "Client", "Contract", "Faults", "Scaffolding", "Storage"],
            exclude: ["OpenID/requirements.txt"]),
    ],
    // For #embed; with GNU extensions, as is usual.
    cLanguageStandard: .gnu2x
)
