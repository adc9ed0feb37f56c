import Builds
import Client
import Contract
import Telemetry

/// The question put to the server before a command starts.
struct Consultation {
    /// - Parameters:
    ///   - arguments: the command, to find its tool and what it states itself.
    ///   - capacity: what this machine or container has.
    ///   - requestedMemoryBytes: what somebody decided the build gets; `nil` when it may use all there is.
    static func request(
        identity: BuildIdentity, step: String, arguments: [String], capacity: Settings, requestedMemoryBytes: Int64?,
        architecture: String
    ) -> OptimizationRequest {
        var context = BuildContext()
        context.tool = buildTool(in: arguments)?.tool.name
        context.repository = identity.repository
        context.branch = identity.branch.isEmpty ? nil : identity.branch
        context.image = identity.image.isEmpty ? nil : identity.image
        context.architecture = architecture
        // The memory of a whole machine is nobody's estimate of what the build needs.
        context.baseline = SizingPlan.baseline(arguments: arguments, capacity: capacity)
        context.baseline?.memoryBytes = requestedMemoryBytes
        if let cpu = capacity.cpuMillicores { context.extra["node_cpu"] = .number(Units.cores(millicores: cpu)) }
        if let memory = capacity.memoryBytes { context.extra["node_mem_gb"] = .number(Units.gib(bytes: memory)) }

        var constraints = Constraints()
        if let cpu = capacity.cpuMillicores {
            // Twice the cores keeps them busy while half of the jobs wait for the disk; more only adds memory.
            constraints.maxJobs = max(1, (cpu + 999) / 1000 * 2)
            constraints.maxCPUMillicores = cpu
        }
        constraints.maxMemoryBytes = capacity.memoryBytes
        return OptimizationRequest(
            target: StepIdentity(pipeline: identity.pipeline, stage: identity.stage, step: step), runID: identity.runID,
            context: context, constraints: constraints)
    }

    /// What a build may use here. `IM_CPU_REQUEST` and `IM_MEM_REQUEST_GB`, which a pod template sets, say what was
    /// asked for the container and win over what the node has; unless they are a recommendation.
    static func capacity(_ node: NodeCapacity, environment: [String: String]) -> Settings {
        func number(_ name: String, upTo limit: Double) -> Double? {
            guard !isRecommended(environment) else { return nil }
            return environment[name].flatMap(Double.init).flatMap { $0 > 0 && $0 <= limit ? $0 : nil }
        }
        let cpu = number("IM_CPU_REQUEST", upTo: Bounds.cores.upperBound).map(Units.millicores(cores:))
        let memory = number("IM_MEM_REQUEST_GB", upTo: Bounds.gib.upperBound).map(Units.bytes(gib:))
        return Settings(
            cpuMillicores: max(1, min(cpu ?? node.cpuMillicores, max(1, node.cpuMillicores))),
            memoryBytes: [memory, node.memoryBytes].compactMap(\.self).min())
    }

    /// What somebody decided the build gets: `IM_MEM_REQUEST_GB`, else the limit of its container.
    static func requestedMemoryBytes(_ node: NodeCapacity, environment: [String: String]) -> Int64? {
        let isStated = !isRecommended(environment) && environment["IM_MEM_REQUEST_GB"].flatMap(Double.init) != nil
        let isRequested = isStated || node.memoryLimitBytes != nil
        return isRequested ? capacity(node, environment: environment).memoryBytes : nil
    }

    /// True when the two variables come from an `inframind` around this one, or from `optimize --format env`: they say
    /// what was recommended to a whole step, and nothing about the container.
    private static func isRecommended(_ environment: [String: String]) -> Bool {
        [BuildIdentity.Variable.stepID, BuildIdentity.Variable.recommendationID].contains {
            environment[$0]?.isEmpty == false
        }
    }

    #if arch(arm64)
        static let architecture = "arm64"
    #else
        static let architecture = "x86_64"
    #endif
}
