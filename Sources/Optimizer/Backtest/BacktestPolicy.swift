/// A policy of a backtest.
public enum BacktestPolicy: Hashable, Sendable {
    /// Ours, at an accepted OOM risk.
    case recommender(risk: Double)
    case currentSettings
    case historyMaximum
    case historyQuantile
    case verticalPodAutoscaler
    case recentMean

    /// The rivals, in the order in which they are shown.
    public static let rivals: [BacktestPolicy] = [
        .currentSettings, .historyMaximum, .historyQuantile, .verticalPodAutoscaler, .recentMean,
    ]

    /// As people read it.
    public var name: String {
        switch self {
        case .recommender: "InfraMind"
        case .currentSettings: "current settings"
        case .historyMaximum: "history max × 1.15"
        case .historyQuantile: "p95 × 1.15"
        case .verticalPodAutoscaler: "VPA"
        case .recentMean: "mean of last 5 × 1.15"
        }
    }

    /// Accepted OOM risk; rivals have none.
    public var risk: Double? {
        if case .recommender(let risk) = self { risk } else { nil }
    }
}
