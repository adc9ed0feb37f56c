/// The owner of pipelines, runs and models. It leads every key, so that no query can cross it by accident.
public struct TenantID: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    public init(_ name: String) { rawValue = name }

    public var description: String { rawValue }

    /// The tenant of an installation that never configured any.
    public static let `default` = TenantID("default")
}

/// One execution of a pipeline, named by the client.
public struct RunID: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    public init(_ name: String) { rawValue = name }

    public var description: String { rawValue }
}

/// What is sized: one step of one stage of one pipeline. `stage` and `step` are empty when the caller did not name them.
public struct StepIdentity: Hashable, Sendable, Codable {
    public var pipeline: String
    public var stage: String
    public var step: String

    public init(pipeline: String, stage: String = "", step: String = "") {
        self.pipeline = pipeline
        self.stage = stage
        self.step = step
    }
}
