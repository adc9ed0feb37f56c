import Testing

@testable import Optimizer

@Suite("Memory model")
struct MemoryModelTests {
    static let chain = KeyChain(keys: [MemoryKey("pipeline", "a"), MemoryKey("all")], pipelineLevel: 0)

    /// One line of the specification's second test vector: the prediction after `peaks` were observed.
    struct Row: Sendable {
        var peaks: [Double]
        /// m, S, b, sc, hb, c, q, w_lin, lin, hm, limit: the columns of the specification, in its order.
        var expected: [Double]
    }

    static func model(learning peaks: [Double], factors: [Double] = [1]) -> MemoryModel {
        var model = MemoryModel(defaultGiB: 2, risk: 0.02)
        for peak in peaks {
            let prediction = model.prediction(for: chain, factors: factors)
            let ticket = model.ticket(for: prediction, candidate: 0, risk: 0.02, capGiB: 64)
            model.observe(peak: peak, chain: chain, ticket: ticket)
        }
        return model
    }

    @Test(
        "The limit follows the peaks as specified",
        arguments: [
            Row(peaks: [], expected: [2, 1, 3.3, 1, 3.3, 2, 1.5, 0.5, 5.3, 4.95, 5.125]),
            Row(
                peaks: [1],
                expected: [1.173077, 1, 2.473077, 1, 1, 1.785, 1.440152, 0.497785, 4.258077, 1.440152, 2.842872]),
            Row(
                peaks: [1, 1.2],
                expected: [
                    1.170435, 0.829293, 2.248515, 0.822944, 1.2, 1.672692, 1.47, 0.441157, 3.625048, 1.764, 2.585014,
                ]),
            Row(
                peaks: [1, 1.2, 0.9],
                expected: [
                    1.077273, 0.727438, 2.022942, 0.723732, 1.2, 1.509038, 1.455, 0.394498, 3.115081, 1.746, 2.286099,
                ]),
            Row(
                peaks: [1, 1.2, 0.9, 3],
                expected: [
                    1.539203, 1.074313, 2.935809, 1.074313, 3, 1.870006, 2.5, 0.949532, 4.944780, 7.5, 5.073736,
                ]),
        ])
    func limits(_ row: Row) throws {
        let model = Self.model(learning: row.peaks)
        let prediction = model.prediction(for: Self.chain)
        let limits = model.limits(for: prediction, risk: 0.02, capGiB: 64)
        let ticket = model.ticket(for: prediction, candidate: 0, risk: 0.02, capGiB: 64)
        // The margins c and q are what the limits add to their starting points, in the experts' units.
        let computed = [
            prediction.expected[0], try #require(prediction.features.last ?? nil), prediction.base[0],
            prediction.scale[0], prediction.maximum[0], (limits.margin[0] - prediction.base[0]) / prediction.scale[0],
            limits.maximum[0] / prediction.maximum[0], model.marginWeight(of: ticket), limits.margin[0],
            limits.maximum[0], limits.blended[0],
        ]
        #expect(agree(computed, row.expected), "\(computed)")
    }

    @Test("After five runs the statistics are as specified")
    func statistics() throws {
        let model = Self.model(learning: [1, 1.2, 0.9, 3, 1.1])
        let key = try #require(model.keys[MemoryKey("pipeline", "a")])
        let losses = try #require(model.blend.global)
        #expect(agree(model.squaredError, 0.993940))
        #expect(agree([key.mean, key.variance], [1.44, 0.992728]))
        #expect(agree([losses.margin, losses.maximum], [1.937970, 12.822877]))
    }

    @Test("Limits grow with the configuration factor as specified")
    func factors() {
        let factors = [1, 1.36604]
        let model = Self.model(learning: [2, 2.2, 1.9, 2.1], factors: factors)
        let prediction = model.prediction(for: Self.chain, factors: factors)
        let limits = model.limits(for: prediction, risk: 0.02, capGiB: 64)
        let ticket = model.ticket(for: prediction, candidate: 0, risk: 0.02, capGiB: 64)
        #expect(agree(prediction.expected, [2.048505, 2.798340]))
        #expect(agree(prediction.scale, [0.465098, 0.543596]))
        #expect(agree(limits.margin, [3.297704, 4.377646]))
        #expect(agree(limits.maximum, [3.124, 4.267509]))
        #expect(agree(model.marginWeight(of: ticket), 0.453044))
        #expect(agree(limits.blended, [3.202696, 4.317406]))
    }

    @Test("A smaller risk never gives a smaller limit")
    func monotone() {
        var generator = SplitMix64(seed: 5)
        let model = Self.model(learning: (0..<300).map { _ in Double.random(in: 0.5...4, using: &generator) })
        let prediction = model.prediction(for: Self.chain)
        let limits = [0.3, 0.1, 0.05, 0.02, 0.01, 0.005, 0.001].map {
            model.limits(for: prediction, risk: $0, capGiB: 64).blended[0]
        }
        #expect(limits == limits.sorted())
    }

    @Test("A run that was cut short raises the expectation, never lowers it, and leaves the margins alone")
    func raise() {
        let before = Self.model(learning: [2, 2, 2])
        let prediction = before.prediction(for: Self.chain)
        let ticket = before.ticket(for: prediction, candidate: 0, risk: 0.02, capGiB: 64)
        var low = before
        low.raise(peak: 1, chain: Self.chain, ticket: ticket)
        #expect(low == before)
        var high = before
        high.raise(peak: 6, chain: Self.chain, ticket: ticket)
        #expect(high.prediction(for: Self.chain).expected[0] > prediction.expected[0])
        #expect(high.runCount == before.runCount)
    }

    @Test(
        "Peaks no build can have are read as the nearest possible one",
        arguments: [0, -1, .nan, .infinity, 1e308])
    func implausible(_ peak: Double) {
        let model = Self.model(learning: [1, peak, 1])
        let limits = model.limits(for: model.prediction(for: Self.chain), risk: 0.02, capGiB: 64)
        #expect(limits.blended[0].isFinite && limits.blended[0] <= 64 && limits.blended[0] >= 1.0 / 32)
    }
}
