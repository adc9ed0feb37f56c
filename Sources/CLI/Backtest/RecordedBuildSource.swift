/// Where recorded builds come from.
protocol RecordedBuildSource: Sendable {
    /// Reads them all, in the order in which they began.
    func load() throws -> LoadedHistory
}
