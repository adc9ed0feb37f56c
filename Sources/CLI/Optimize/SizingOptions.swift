import ArgumentParser
import Builds
import Client
import Contract
import Telemetry

/// What `optimize` and `explain` ask about, and within which bounds.
struct SizingOptions: ParsableArguments {
    @Option(help: "Name of the pipeline. Default: what the CI system calls it, else the repository.")
    var pipeline: String?

    @Option(help: "Stage to size.")
    var stage: String?

    @Option(help: "Step to size; without one, the pipeline as a whole.")
    var step: String?

    @Option(help: "Build tool: make, cmake, ninja, cargo, gradle …")
    var tool: String?

    @Option(help: ArgumentHelp("Never more jobs than this.", valueName: "n"))
    var maxConcurrency: Int?

    @Option(help: ArgumentHelp("Never more CPU cores than this.", valueName: "cores"))
    var maxCpu: Double?

    @Option(help: ArgumentHelp("Never more memory than this, in GiB.", valueName: "gib"))
    var maxMemGb: Double?

    @Option(help: ArgumentHelp("Never less memory than this, in GiB.", valueName: "gib"))
    var minRamGb: Double?

    @Option(help: ArgumentHelp("The run should end within this many seconds.", valueName: "seconds"))
    var deadline: Double?

    func validate() throws {
        func check(_ value: Double?, _ range: ClosedRange<Double>, _ name: String) throws {
            if let value, !range.contains(value) {
                throw ValidationError("\(name) must be between \(range.lowerBound) and \(range.upperBound).")
            }
        }
        try check(maxConcurrency.map(Double.init), Bounds.jobs, "--max-concurrency")
        try check(maxCpu, Bounds.cores, "--max-cpu")
        try check(maxMemGb, (1.0 / 1024)...Bounds.gib.upperBound, "--max-mem-gb")
        try check(minRamGb, Bounds.gib, "--min-ram-gb")
        try check(deadline, Bounds.seconds, "--deadline")
        if let minRamGb, let maxMemGb, minRamGb > maxMemGb {
            throw ValidationError("--min-ram-gb is larger than --max-mem-gb.")
        }
    }

    /// The question. Unlike `run`, it does not bind the answer to this machine: it may well be asked elsewhere.
    func request(_ environment: [String: String]) -> OptimizationRequest {
        let identity = BuildIdentity(pipeline: pipeline, stage: stage, environment: environment)
        var context = BuildContext()
        context.tool = tool
        context.repository = identity.repository
        context.branch = identity.branch.isEmpty ? nil : identity.branch
        context.image = identity.image.isEmpty ? nil : identity.image
        var constraints = Constraints()
        constraints.maxJobs = maxConcurrency
        constraints.maxCPUMillicores = maxCpu.map(Units.millicores(cores:))
        constraints.maxMemoryBytes = maxMemGb.map(Units.bytes(gib:))
        constraints.minMemoryBytes = minRamGb.map(Units.bytes(gib:))
        constraints.deadlineSeconds = deadline
        return OptimizationRequest(
            target: StepIdentity(
                pipeline: identity.pipeline, stage: BuildIdentity.clean(stage ?? ""),
                step: BuildIdentity.clean(step ?? "")),
            context: context, constraints: constraints)
    }
}
