import Builds

/// `POST /builds/complete`: a run is over.
public struct BuildCompleteBody: Codable, Sendable {
    public var runID: String
    public var status: String
    public var durationSeconds: Double
    public var artifacts: [ArtifactBody]?
    public var cache: [String: JSONValue]?

    /// `{name, size}`; `size` in bytes.
    public struct ArtifactBody: Codable, Sendable {
        public var name: String
        public var size: Double
    }

    enum CodingKeys: String, CodingKey {
        case status, artifacts, cache
        case runID = "run_id"
        case durationSeconds = "duration_s"
    }

    public init(runID: RunID, completion: RunCompletion) {
        self.runID = runID.rawValue
        status = completion.status == .cancellation ? "aborted" : completion.status.rawValue
        durationSeconds = completion.durationSeconds
        artifacts = completion.artifacts.map { ArtifactBody(name: $0.name, size: Double($0.sizeBytes)) }
        cache = completion.cache
    }

    /// - Throws: ``InvalidBody`` naming every field that cannot be accepted.
    public func content() throws(InvalidBody) -> (runID: RunID, completion: RunCompletion) {
        var check = BodyCheck()
        check.name(runID, "run_id")
        let status = RunStatus(wire: status)
        if status == nil {
            check.fail("status", "must be one of success, failure, failed, aborted, error, timeout, oom_killed")
        }
        check.number(durationSeconds, "duration_s", in: Bounds.seconds)
        if (artifacts?.count ?? 0) > Bounds.listEntries {
            check.fail("artifacts", "must have at most \(Bounds.listEntries) entries")
        }
        for (index, artifact) in (artifacts ?? []).prefix(Bounds.listEntries).enumerated() {
            check.name(artifact.name, "artifacts[\(index)].name")
            check.number(artifact.size, "artifacts[\(index)].size", in: Bounds.ioBytes)
        }
        check.freeForm(cache ?? [:], "cache")
        try check.finish()
        let completion = RunCompletion(
            status: status ?? .error, durationSeconds: durationSeconds,
            artifacts: (artifacts ?? []).map { Artifact(name: $0.name, sizeBytes: Int64($0.size)) },
            cache: cache ?? [:])
        return (RunID(runID), completion)
    }
}
