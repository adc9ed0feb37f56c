// swift-tools-version: 6.2
import PackageDescription

/// Measures the optimizer on its own, so that it builds in seconds: `swift run -c release --package-path …`.
let package = Package(
    name: "decision-benchmark",
    targets: [
        // Links to the modules of the product, which name no dependency of their own.
        .target(name: "Builds"),
        .target(name: "CLightGBM"),
        .target(name: "Optimizer", dependencies: ["Builds", "CLightGBM"]),
        .target(name: "CAllocator"),
        .executableTarget(name: "DecisionBenchmark", dependencies: ["Builds", "CAllocator", "Optimizer"]),
    ]
)
