// swift-tools-version: 6.2
import PackageDescription

/// Warnings are errors in our own code.
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

/// Harms real servers and real databases under load, and compares what was acknowledged with what is there. Speaks HTTP
/// to real processes, so that it builds in seconds and knows nothing of how the server works.
let package = Package(
    name: "faults",
    targets: [
        // Links to what the tests stand on, which depends on nothing of the product.
        .target(name: "Scaffolding"),
        .target(name: "Faults", dependencies: ["Scaffolding"], swiftSettings: strict),
        .executableTarget(name: "FaultSuite", dependencies: ["Faults", "Scaffolding"], swiftSettings: strict),
    ]
)
