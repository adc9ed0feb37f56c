import Foundation
import Testing

@testable import Optimizer

@Suite("Agreement with the reference")
struct ReferenceParityTests {
    private struct Row: Decodable {
        var pipeline: String
        var tool: String
        var factor: Double
        var peak: Double
        var expected: [Double]
        var scale: [Double]
        var base: [Double]
        var maximum: [Double]
        var limits: [Double]
        var rareLimits: [Double]
        var marginWeight: Double
    }

    @Test("Every prediction and limit of a stream of 300 runs is the reference's to nine digits")
    func stream() throws {
        let url = try #require(
            Bundle.module.url(forResource: "memory-stream", withExtension: "json", subdirectory: "Fixtures"))
        let rows = try JSONDecoder().decode([Row].self, from: Data(contentsOf: url))
        #expect(rows.count == 300)
        var model = MemoryModel(defaultGiB: 2, risk: 0.02, globalExceedances: 0)
        for (index, row) in rows.enumerated() {
            let chain = KeyChain(
                keys: [MemoryKey("pipeline", row.pipeline), MemoryKey("tool", row.tool), MemoryKey("all")],
                pipelineLevel: 0)
            let prediction = model.prediction(for: chain, factors: [row.factor, 1.5 * row.factor])
            let ticket = model.ticket(for: prediction, candidate: 0, risk: 0.02, capGiB: 64)
            let computed = [
                prediction.expected, prediction.scale, prediction.base, prediction.maximum,
                model.limits(for: prediction, risk: 0.02, capGiB: 64).blended,
                model.limits(for: prediction, risk: 0.005, capGiB: 64).blended, [model.marginWeight(of: ticket)],
            ]
            let reference = [
                row.expected, row.scale, row.base, row.maximum, row.limits, row.rareLimits, [row.marginWeight],
            ]
            for (values, others) in zip(computed, reference) {
                #expect(agree(values, others, within: 1e-9), "row \(index): \(values) is not \(others)")
            }
            model.observe(peak: row.peak, chain: chain, ticket: ticket)
        }
    }
}
