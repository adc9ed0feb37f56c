/// What a job is about, such as `training`. Short, lower case: it names keys in Redis and labels in metrics.
public struct JobKind: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }
    public init(stringLiteral value: String) { self.init(rawValue: value) }
}
