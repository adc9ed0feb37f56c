import CLightGBM
import Synchronization

/// A trained ensemble inside LightGBM. Owns the C handle.
///
/// LightGBM's prediction of one row reuses buffers of the booster, so calls are taken one after the other.
final class Booster: Sendable {
    /// What is asked of the ensemble.
    private enum Output: Int, CaseIterable {
        case prediction, contributions

        var predictType: Int32 {
            switch self {
            case .prediction: Int32(CLIGHTGBM_PREDICT_NORMAL)
            case .contributions: Int32(CLIGHTGBM_PREDICT_CONTRIB)
            }
        }
    }

    private struct Handle: @unchecked Sendable {
        let pointer: CLightGBMHandle
        /// By ``Output``; LightGBM reads the settings of a prediction once, which takes longer than a prediction.
        var prepared: [CLightGBMHandle?] = Array(repeating: nil, count: Output.allCases.count)
        /// The newest answer of each kind: one decision asks for the same row more than once.
        var newest: [(features: [Double?], values: [Double])?] = Array(repeating: nil, count: Output.allCases.count)
    }

    private let library: LightGBM
    private let handle: Mutex<Handle>
    /// Number of features it was trained on.
    let featureCount: Int

    private init(library: LightGBM, pointer: CLightGBMHandle) throws(LightGBMError) {
        var count: Int32 = 0
        self.library = library
        let status = library.boosterGetNumFeature(pointer, &count)
        handle = Mutex(Handle(pointer: pointer))
        featureCount = Int(count)
        try library.check(status)
    }

    deinit {
        handle.withLock { handle in
            for prepared in handle.prepared { _ = prepared.map { library.fastConfigFree($0) } }
            _ = library.boosterFree(handle.pointer)
        }
    }

    /// Reads a model as LightGBM writes it.
    convenience init(modelText: String, library: LightGBM) throws(LightGBMError) {
        var pointer: CLightGBMHandle?
        var iterations: Int32 = 0
        try library.check(library.boosterLoadModelFromString(modelText, &iterations, &pointer))
        guard let pointer else { throw .failed(message: "no booster was made") }
        try self.init(library: library, pointer: pointer)
    }

    /// Trains an ensemble.
    ///
    /// - Parameters:
    ///   - rows: features and targets; missing features are `nil`.
    ///   - parameters: LightGBM's own `key=value` list.
    ///   - rounds: number of trees.
    convenience init(
        rows: ArraySlice<TrainingRow>, parameters: String, rounds: Int, library: LightGBM
    ) throws(LightGBMError) {
        let matrix = try TrainingMatrix(rows)
        try self.init(matrix: matrix, oldest: matrix.count, parameters: parameters, rounds: rounds, library: library)
    }

    /// Trains an ensemble on the first `oldest` rows of a matrix, 1 to its count.
    convenience init(
        matrix: TrainingMatrix, oldest count: Int, parameters: String, rounds: Int, library: LightGBM
    ) throws(LightGBMError) {
        var dataset: CLightGBMHandle?
        try library.check(
            library.datasetCreateFromMat(
                matrix.values, Int32(CLIGHTGBM_FLOAT64), Int32(count), Int32(matrix.columns), 1, parameters, nil,
                &dataset))
        guard let dataset else { throw .failed(message: "no data set was made") }
        defer { _ = library.datasetFree(dataset) }
        let labels = matrix.targets.prefix(count).map { Float($0) }
        try library.check(
            library.datasetSetField(
                dataset, "label", labels, Int32(labels.count), Int32(CLIGHTGBM_FLOAT32)))
        var pointer: CLightGBMHandle?
        try library.check(library.boosterCreate(dataset, parameters, &pointer))
        guard let pointer else { throw .failed(message: "no booster was made") }
        try self.init(library: library, pointer: pointer)
        var isFinished: Int32 = 0
        for _ in 0..<rounds where isFinished == 0 {
            try library.check(library.boosterUpdateOneIter(pointer, &isFinished))
        }
    }

    /// The model as LightGBM writes it.
    func modelText() throws(LightGBMError) -> String {
        let result = handle.withLock { handle -> Result<String, LightGBMError> in
            var length: Int64 = 0
            // The first call asks for the length, the second for the text.
            guard library.boosterSaveModelToString(handle.pointer, 0, -1, 0, 0, &length, nil) == 0 else {
                return .failure(lastError())
            }
            var buffer = [CChar](repeating: 0, count: Int(length) + 1)
            guard
                library.boosterSaveModelToString(handle.pointer, 0, -1, 0, Int64(buffer.count), &length, &buffer) == 0
            else { return .failure(lastError()) }
            return .success(buffer.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" })
        }
        return try result.get()
    }

    /// Predicts one row; `nil` when the row does not fit the model or LightGBM fails.
    func prediction(_ features: [Double?]) -> Double? { output(.prediction, of: features, count: 1)?[0] }

    /// What each feature adds to the prediction of one row, and last what the model says of a row it knows nothing of:
    /// SHAP values by the tree algorithm, whose sum is the prediction. (Lundberg et al., *From local explanations to
    /// global understanding with explainable AI for trees*, 2020.)
    func contributions(_ features: [Double?]) -> [Double]? {
        output(.contributions, of: features, count: featureCount + 1)
    }

    private func output(_ output: Output, of features: [Double?], count: Int) -> [Double]? {
        guard features.count == featureCount else { return nil }
        return handle.withLock { handle -> [Double]? in
            if let newest = handle.newest[output.rawValue], newest.features == features { return newest.values }
            guard let prepared = prepared(output, in: &handle) else { return nil }
            let row = features.map { $0 ?? .nan }
            var length: Int64 = 0
            var values = [Double](repeating: 0, count: count)
            let status = library.predictFast(prepared, row, &length, &values)
            guard status == 0, length == count, values.allSatisfy(\.isFinite) else { return nil }
            handle.newest[output.rawValue] = (features, values)
            return values
        }
    }

    private func prepared(_ output: Output, in handle: inout Handle) -> CLightGBMHandle? {
        if let prepared = handle.prepared[output.rawValue] { return prepared }
        let status = library.fastInit(
            handle.pointer, output.predictType, 0, -1, Int32(CLIGHTGBM_FLOAT64), Int32(featureCount),
            "num_threads=1 verbosity=-1", &handle.prepared[output.rawValue])
        return status == 0 ? handle.prepared[output.rawValue] : nil
    }

    private func lastError() -> LightGBMError {
        .failed(message: library.getLastError().map { String(cString: $0) } ?? "unknown error")
    }
}
