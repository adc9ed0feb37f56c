import Dispatch
import Optimizer

/// Trains models one at a time on a thread of its own: training computes for tenths of a second, which no thread that
/// serves requests may.
final class TrainingQueue: Sendable {
    private let queue = DispatchQueue(label: "inframind.training", qos: .utility)
    /// `nil` when the library is not there.
    let library: LightGBM?

    init(library: LightGBM?) { self.library = library }

    func train(_ set: TrainingSet, version: String, library: LightGBM) async throws -> MemoryTreeModel {
        try await withCheckedThrowingContinuation { continuation in
            queue.async {
                continuation.resume(with: Result { try ModelTrainer.train(set, version: version, library: library) })
            }
        }
    }
}
