/// Trees that correct the expected peak memory of the closed form: a quantile of "peak minus expectation".
///
/// Their output enters before the scores are computed, so the calibrated risk holds when a model is missing, stale or
/// wrong; only the memory spent for it changes.
public struct MemoryTreeModel: Sendable {
    /// Name of this model, as given to the trainer.
    public let version: String
    /// The model as LightGBM writes it: what to store.
    public let text: String
    /// `rows` trained on and `observed_runs` at that time; on the newest fifth, held out: `pinball_loss`, `mae` (GiB),
    /// `coverage` (share of peaks below the predicted quantile, 0.9 is meant) and `sharpness` (mean distance of the
    /// predicted quantile from the expectation, GiB).
    public let metrics: [String: Double]
    private let booster: Booster

    init(version: String, metrics: [String: Double], booster: Booster) throws(LightGBMError) {
        self.version = version
        self.metrics = metrics
        self.booster = booster
        text = try booster.modelText()
    }

    /// Reloads a stored model.
    ///
    /// - Throws: ``LightGBMError`` when LightGBM cannot read `text`.
    public init(version: String, text: String, metrics: [String: Double], library: LightGBM) throws {
        booster = try Booster(modelText: text, library: library)
        self.version = version
        self.text = text
        self.metrics = metrics
    }

    /// The 90 % quantile of "peak minus expectation" in GiB; `nil` when the features do not fit this model.
    func correctionGiB(features: [Double?]) -> Double? { booster.prediction(features) }

    /// Splits the correction by the features it comes from, GiB: one share per feature, and what is left without any.
    /// Their sum is the correction. `nil` when the features do not fit this model.
    func contributionsGiB(features: [Double?]) -> (shares: [Double], rest: Double)? {
        booster.contributions(features).flatMap { values in
            values.last.map { (Array(values.dropLast()), $0) }
        }
    }

    /// On the held-out runs, GiB; infinite when it was not measured.
    public var pinballLoss: Double { metrics[Metric.pinballLoss] ?? .infinity }

    /// Runs the tenant had learned when this model was trained.
    var observedRuns: Int { Int((metrics[Metric.observedRuns] ?? 0).clamped(to: 0...1e15)) }

    enum Metric {
        static let rows = "rows"
        static let observedRuns = "observed_runs"
        static let pinballLoss = "pinball_loss"
        static let meanAbsoluteError = "mae"
        static let coverage = "coverage"
        static let sharpness = "sharpness"
    }
}
