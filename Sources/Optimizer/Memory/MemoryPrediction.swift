/// Peak memory expected for each candidate of one decision, before the margins. All arrays run over the candidates;
/// everything is in GiB but ``factors``.
struct MemoryPrediction: Hashable, Sendable {
    /// Expected peak, *m_h*.
    var expected: [Double]
    /// Where the margin expert starts: expectation plus a typical error, corrected by the trees if there are any.
    var base: [Double]
    /// Unit of the margin expert's scores: between the key's own spread and that of all keys.
    var scale: [Double]
    /// Where the maximum expert starts: the largest peak seen recently.
    var maximum: [Double]
    /// What the trees see; `nil` where a key is unknown. One row for all candidates, seen from the first.
    var features: [Double?]
    /// Configuration factors *h*.
    var factors: [Double]
    /// True when nothing is known of the step itself.
    var isCold = false
}

/// What a memory prediction was when it was made, kept until the run's peak is known: calibration compares a peak with
/// the prediction of *then*.
struct MemoryTicket: Hashable, Codable, Sendable {
    /// GiB, like ``MemoryPrediction``.
    var expected: Double
    var base: Double
    var scale: Double
    var maximum: Double
    /// Limits of the two experts at ``risk``.
    var marginLimit: Double
    var maximumLimit: Double
    /// Both blended; `nil` in tickets of before it was kept.
    var limit: Double?
    var factor: Double
    var sizeClass: Int?
    var features: [Double?]
    /// Risk the experts were asked for.
    var risk: Double
}

/// A limit for each candidate, from both experts and blended. GiB.
struct MemoryLimits: Hashable, Sendable {
    var blended: [Double]
    var margin: [Double]
    var maximum: [Double]
}

/// Mean and maximum of a key, recomputed from its kept runs with today's configuration factors. GiB, normalised.
struct RenormalisedPeaks: Hashable, Sendable {
    var mean: Double
    var maximum: Double
}
