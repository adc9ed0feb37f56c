/// What a worker hands back: trees and their metrics, the same from every worker of a training.
public struct TrainedTrees: Hashable, Sendable {
    /// The model as LightGBM writes it.
    public let text: String
    /// As of ``MemoryTreeModel/metrics``, over the rows of all workers.
    public let metrics: [String: Double]

    /// Puts the trees together as a model.
    ///
    /// - Throws: ``LightGBMError`` when LightGBM cannot read the text.
    public func model(version: String, library: LightGBM) throws -> MemoryTreeModel {
        try MemoryTreeModel(version: version, text: text, metrics: metrics, library: library)
    }
}
