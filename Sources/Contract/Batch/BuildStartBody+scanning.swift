import Builds

extension BuildStartBody: ScannedBody {
    /// A `context` of any content is for the decoder: its keys are open.
    private static let names: [StaticString] = [
        "pipeline", "run_id", "branch", "commit", "image", "git", "tools", "k8s_node", "requested_resources",
        "recommendation_id", "started_at", "ci", "fail_open", "context",
    ]

    /// - Returns: `nil` when only a decoder can say what it is.
    public init?(_ scanner: inout JSONScanner) {
        var pipeline, runID, branch, commit, image: String?
        var git, node, recommendationID, startedAt, failOpen: String?
        var tools: [String]?
        var requested: RequestedResources?
        var ci: CISystem?
        var context: BuildContext?
        let isRead = scanner.object(Self.names) { scanner, field in
            switch field {
            case 0: scanner.required(&pipeline) { $0.string() }
            case 1: scanner.required(&runID) { $0.string() }
            case 2: scanner.required(&branch) { $0.string() }
            case 3: scanner.required(&commit) { $0.string() }
            case 4: scanner.required(&image) { $0.string() }
            case 5: scanner.optional(&git) { $0.string() }
            case 6: scanner.optional(&tools) { $0.strings() }
            case 7: scanner.optional(&node) { $0.string() }
            case 8: scanner.optional(&requested) { RequestedResources(&$0) }
            case 9: scanner.optional(&recommendationID) { $0.string() }
            case 10: scanner.optional(&startedAt) { $0.string() }
            case 11: scanner.optional(&ci) { CISystem(&$0) }
            case 12: scanner.optional(&failOpen) { $0.string() }
            default: scanner.optional(&context) { $0.object([]) { _, _ in false } ? BuildContext() : nil }
            }
        }
        guard isRead, let pipeline, let runID, let branch, let commit, let image else { return nil }
        self.pipeline = pipeline
        self.runID = runID
        self.branch = branch
        self.commit = commit
        self.image = image
        self.git = git
        self.tools = tools
        kubernetesNode = node
        requestedResources = requested
        self.recommendationID = recommendationID
        self.context = context
        self.startedAt = startedAt
        self.ci = ci
        self.failOpen = failOpen
    }
}

extension BuildCompleteBody: ScannedBody {
    /// Artifacts and cache statistics are for the decoder: there is one such line to many steps.
    private static let names: [StaticString] = ["run_id", "status", "duration_s"]

    /// - Returns: `nil` when only a decoder can say what it is.
    public init?(_ scanner: inout JSONScanner) {
        var runID, status: String?
        var durationSeconds: Double?
        let isRead = scanner.object(Self.names) { scanner, field in
            switch field {
            case 0: scanner.required(&runID) { $0.string() }
            case 1: scanner.required(&status) { $0.string() }
            default: scanner.required(&durationSeconds) { $0.number() }
            }
        }
        guard isRead, let runID, let status, let durationSeconds else { return nil }
        self.runID = runID
        self.status = status
        self.durationSeconds = durationSeconds
        artifacts = nil
        cache = nil
    }
}

extension CISystem {
    private static let names: [StaticString] = ["system", "url", "attempt"]

    fileprivate init?(_ scanner: inout JSONScanner) {
        self.init()
        let isRead = scanner.object(Self.names) { scanner, field in
            switch field {
            case 0: scanner.optional(&system) { $0.string() }
            case 1: scanner.optional(&url) { $0.string() }
            default: scanner.optional(&attempt) { $0.integer() }
            }
        }
        if !isRead { return nil }
    }
}

extension JSONScanner {
    fileprivate mutating func strings() -> [String]? {
        var strings: [String] = []
        let isRead = list { scanner in
            guard let string = scanner.string() else { return false }
            strings.append(string)
            return true
        }
        return isRead ? strings : nil
    }
}
