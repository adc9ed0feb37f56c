import Builds
import Telemetry

extension PrometheusText.Histogram {
    init(labels: KeyValuePairs<String, String> = [:], _ distribution: Distribution) {
        self.init(
            labels: labels, upperBounds: distribution.bounds, counts: distribution.counts, sum: distribution.sum)
    }
}

extension [PrometheusText.Sample] {
    /// One sample for each word the label can be, 0 where nothing was counted.
    static func each<Word: CaseIterable & RawRepresentable<String>>(
        _ words: Word.Type, _ label: String, _ count: (Word) -> UInt64?
    ) -> Self {
        Word.allCases.map {
            PrometheusText.Sample(labels: [label: $0.rawValue], value: Double(count($0) ?? 0))
        }
    }
}
