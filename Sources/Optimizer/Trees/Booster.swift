import CLightGBM
import Synchronization

/// A trained ensemble inside LightGBM. Owns the C handle.
///
/// LightGBM's prediction of one row reuses buffers of the booster, so calls are taken one after the other.
final class Booster: Sendable {
    private struct Handle: @unchecked Sendable {
        let pointer: CLightGBMHandle
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
        handle.withLock { _ = library.boosterFree($0.pointer) }
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
        guard let columns = rows.first?.features.count, columns > 0, rows.allSatisfy({ $0.features.count == columns })
        else { throw .unsuitable(message: "rows are missing or of different lengths") }
        let values = rows.flatMap { $0.features.map { $0 ?? .nan } }
        let labels = rows.map { Float($0.target) }
        var dataset: CLightGBMHandle?
        try library.check(
            library.datasetCreateFromMat(
                values, Int32(CLIGHTGBM_FLOAT64), Int32(rows.count), Int32(columns), 1, parameters, nil,
                &dataset))
        guard let dataset else { throw .failed(message: "no data set was made") }
        defer { _ = library.datasetFree(dataset) }
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
    func prediction(_ features: [Double?]) -> Double? {
        guard features.count == featureCount else { return nil }
        let values = features.map { $0 ?? .nan }
        return handle.withLock { handle -> Double? in
            var length: Int64 = 0
            var prediction = 0.0
            let status = library.boosterPredictForMatSingleRow(
                handle.pointer, values, Int32(CLIGHTGBM_FLOAT64), Int32(values.count), 1,
                Int32(CLIGHTGBM_PREDICT_NORMAL), 0, -1, "num_threads=1 verbosity=-1", &length, &prediction)
            return status == 0 && length == 1 && prediction.isFinite ? prediction : nil
        }
    }

    private func lastError() -> LightGBMError {
        .failed(message: library.getLastError().map { String(cString: $0) } ?? "unknown error")
    }
}
