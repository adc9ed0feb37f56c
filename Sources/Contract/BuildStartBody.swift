import Builds

/// `POST /builds/start`: a run begins.
public struct BuildStartBody: Codable, Sendable {
    public var pipeline: String
    public var runID: String
    public var branch: String
    public var commit: String
    public var image: String
    public var git: String?
    public var tools: [String]?
    public var kubernetesNode: String?
    public var requestedResources: RequestedResources?
    public var recommendationID: String?
    public var context: BuildContext?
    public var startedAt: String?
    public var ci: CISystem?
    /// See ``FailOpen``; any word is taken.
    public var failOpen: String?

    enum CodingKeys: String, CodingKey {
        case pipeline, branch, commit, image, git, tools, context, ci
        case runID = "run_id"
        case kubernetesNode = "k8s_node"
        case requestedResources = "requested_resources"
        case recommendationID = "recommendation_id"
        case startedAt = "started_at"
        case failOpen = "fail_open"
    }

    public init(_ run: Run) {
        pipeline = run.pipeline
        runID = run.id.rawValue
        branch = run.branch
        commit = run.commit
        image = run.image
        git = run.repository
        tools = run.tools
        kubernetesNode = run.node
        requestedResources = run.requested.isEmpty ? nil : RequestedResources(run.requested)
        recommendationID = run.recommendationID
        context = run.context
        startedAt = run.startedAt.rfc3339
        ci = run.ci
        failOpen = run.failOpen?.rawValue
    }

    /// The run this body describes.
    ///
    /// - Parameter now: when it arrived; stands in for a missing `started_at`.
    /// - Throws: ``InvalidBody`` naming every field that cannot be accepted.
    public func run(receivedAt now: Timestamp) throws(InvalidBody) -> Run {
        var check = BodyCheck()
        check.name(pipeline, "pipeline")
        check.name(runID, "run_id")
        check.name(branch, "branch", mayBeEmpty: true)
        check.name(commit, "commit", mayBeEmpty: true)
        check.name(image, "image", mayBeEmpty: true)
        check.name(git, "git")
        check.name(kubernetesNode, "k8s_node")
        check.name(recommendationID, "recommendation_id")
        check.name(failOpen, "fail_open")
        check.name(ci?.system, "ci.system")
        check.name(ci?.url, "ci.url")
        check.count(ci?.attempt.map(Double.init), "ci.attempt", in: 1...10_000)
        for (index, tool) in (tools ?? []).prefix(Bounds.listEntries).enumerated() {
            check.name(tool, "tools[\(index)]")
        }
        if (tools?.count ?? 0) > Bounds.listEntries {
            check.fail("tools", "must have at most \(Bounds.listEntries) entries")
        }
        requestedResources?.check(&check, "requested_resources")
        context?.check(&check, "context")
        let started = check.timestamp(startedAt, "started_at")
        if let started, started.seconds(since: now) > Bounds.clockSkewSeconds {
            check.fail("started_at", "lies more than a day in the future")
        }
        try check.finish()
        var run = Run(
            id: RunID(runID), pipeline: pipeline, branch: branch, commit: commit, image: image, tools: tools ?? [],
            repository: git, node: kubernetesNode, requested: requestedResources?.settings ?? Settings(),
            recommendationID: recommendationID, context: context ?? BuildContext(), ci: ci, startedAt: started ?? now)
        run.failOpen = failOpen.map(FailOpen.init(wire:))
        return run
    }
}

/// `requested_resources{cpu, mem_gb, concurrency}`: what a run or step was given.
public struct RequestedResources: Codable, Sendable {
    public var cpu: Double?
    public var memoryGiB: Double?
    public var concurrency: Double?

    enum CodingKeys: String, CodingKey {
        case cpu, concurrency
        case memoryGiB = "mem_gb"
    }

    public init(_ settings: Settings) {
        cpu = settings.cpuMillicores.map(Units.cores(millicores:))
        memoryGiB = settings.memoryBytes.map(Units.gib(bytes:))
        concurrency = settings.jobs.map(Double.init)
    }

    var settings: Settings {
        Settings(
            jobs: concurrency.map { Int($0) }, cpuMillicores: cpu.map(Units.millicores(cores:)),
            memoryBytes: memoryGiB.map(Units.bytes(gib:)))
    }

    func check(_ check: inout BodyCheck, _ field: String) {
        check.number(cpu, "\(field).cpu", in: Bounds.cores)
        check.number(memoryGiB, "\(field).mem_gb", in: Bounds.gib)
        check.count(concurrency, "\(field).concurrency", in: Bounds.jobs)
    }
}

extension BuildContext {
    func check(_ check: inout BodyCheck, _ field: String) {
        check.name(tool, "\(field).tool")
        check.name(repository, "\(field).repo")
        check.name(branch, "\(field).branch")
        check.name(image, "\(field).image")
        check.name(architecture, "\(field).arch")
        check.name(workerPool, "\(field).worker_pool")
        check.number(statedPeakMemoryBytes.map(Double.init), "\(field).max_rss", in: Bounds.memoryBytes)
        check.number(cacheHitRatio, "\(field).cache_hit_ratio", in: 0...1)
        check.number(stepCount.map(Double.init), "\(field).num_steps", in: 0...1e6)
        check.number(averageStepSeconds, "\(field).avg_step_duration_s", in: Bounds.seconds)
        check.number(durationSeconds, "\(field).duration_s", in: Bounds.seconds)
        check.number(costUSD, "\(field).cost_usd", in: Bounds.usd)
        check.number(changedFiles.map(Double.init), "\(field).changed_files", in: 0...1e9)
        check.number(changedLines.map(Double.init), "\(field).changed_lines", in: 0...1e12)
        for (name, settings) in [("last_success", lastSuccess), ("baseline", baseline)] {
            guard let settings else { continue }
            RequestedResources(settings).check(&check, "\(field).\(name)")
        }
        check.freeForm(extra, "\(field)")
    }
}
