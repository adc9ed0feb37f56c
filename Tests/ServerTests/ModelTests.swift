import Builds
import Foundation
import Optimizer
import Storage
import Testing

@testable import Server

/// True when LightGBM lies where the server looks for it.
private let lightGBMIsThere =
    (try? loadLightGBM(configured: nil, environment: ProcessInfo.processInfo.environment)) != nil

@Suite("Models are trained, compared, put into force and taken back")
struct ModelTests {
    @Test(
        "After enough runs a model is trained; it can be taken back, and that survives a restart",
        .enabled(if: lightGBMIsThere, "LightGBM is not here: run the script that fetches it"))
    func trainActivateRevert() async throws {
        let server = TestServer()
        defer { server.remove() }
        let version = try await server.run { api in
            for number in 1...60 {
                let peak = 2_000_000_000 + (number % 7) * 300_000_000
                let body = BuildReports.wholeRun(number, pipeline: "shop/p\(number % 3)", peakBytes: peak)
                let ingested = try await api.post("/runs", body)
                #expect(ingested.status == 201, "\(ingested.text)")
            }
            let trained = try await api.send(.post, "/models/train")
            #expect(trained.status == 201, "\(trained.text)")
            #expect(trained.json["model"]["metrics"]["rows"].numberValue ?? 0 >= 50)
            let models = try await api.get("/models").json
            let active = try #require(models["active"].stringValue)
            #expect(active.hasPrefix("memory-"))
            #expect(models["models"][models["models"].count - 1]["version"] == "none")
            let answer = try await api.post(
                "/optimize", #"{"pipeline":"shop/p1","context":{"tool":"cmake","branch":"main"}}"#)
            #expect(answer.json["model_version"] == .string(active))
            #expect(answer.json["source"] == "model")
            return active
        }
        try await server.run { api in
            #expect(try await api.get("/models").json["active"] == .string(version))
            #expect(try await api.get("/metrics").text.contains("inframind_model_age_seconds"))
            #expect(try await api.send(.post, "/models/none/activate").json["active"] == "none")
            let answer = try await api.post("/optimize", #"{"pipeline":"shop/p1","context":{}}"#).json
            #expect(answer["model_version"] == "closed-form")
            // Somebody went back by hand: training goes on, but changes nothing.
            let trained = try await api.send(.post, "/models/train").json
            #expect(trained["model"]["active"] == false)
        }
        try await server.run { api in
            #expect(try await api.get("/models").json["active"] == "none")
            #expect(try await api.send(.post, "/models/\(version)/activate").status == 200)
            let answer = try await api.post("/optimize", #"{"pipeline":"shop/p1","context":{}}"#).json
            #expect(answer["model_version"] == .string(version))
        }
    }

    private static func model(
        _ second: Double, loss: Double, runs: Double = 100, accepted: Bool = true, isActive: Bool = false
    ) -> StoredModel {
        StoredModel(
            version: "m\(second)", createdAt: Timestamp(seconds: second), isActive: isActive,
            metrics: ["pinball_loss": loss, "observed_runs": runs, "accepted": accepted ? 1 : 0], bytes: [])
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var loss: Double
        /// On the same runs; without one, the closed form is in force and loses 1.
        var rival = ModelAcceptance.Rival.closedForm(loss: 1)
        var stored: [StoredModel]
        var activates: Bool
    }

    static let cases: [Case] = [
        .init(
            testDescription: "the first model goes into force if the closed form is no better", loss: 1, stored: [],
            activates: true),
        .init(
            testDescription: "the first model waits if the closed form is better", loss: 1.01, stored: [],
            activates: false),
        .init(
            testDescription: "a better one replaces it", loss: 0.9, rival: .model(loss: 1),
            stored: [model(1, loss: 1, isActive: true)],
            activates: true),
        .init(
            testDescription: "a little worse is no worse", loss: 1.09, rival: .model(loss: 1),
            stored: [model(1, loss: 9, isActive: true)],
            activates: true),
        .init(
            testDescription: "a worse one does not", loss: 1.2, rival: .model(loss: 1),
            stored: [model(1, loss: 9, isActive: true)],
            activates: false),
        .init(
            testDescription: "a model that cannot predict these runs goes", loss: 5, rival: .model(loss: nil),
            stored: [model(1, loss: 1, isActive: true)], activates: true),
        .init(
            testDescription: "after going back to none, new ones wait", loss: 0.1, stored: [model(1, loss: 1)],
            activates: false),
        .init(
            testDescription: "after going back to an older one, new ones wait", loss: 0.1, rival: .model(loss: 1),
            stored: [model(2, loss: 1), model(1, loss: 1, isActive: true)], activates: false),
        .init(
            testDescription: "a newer one that lost holds nothing up", loss: 0.1, rival: .model(loss: 1),
            stored: [model(2, loss: 3, accepted: false), model(1, loss: 1, isActive: true)], activates: true),
        .init(testDescription: "a loss that is no number never wins", loss: .nan, stored: [], activates: false),
    ]

    @Test("Choice", arguments: cases)
    func choice(_ row: Case) {
        let choice = ModelChoice(
            loss: row.loss, rival: row.rival, stored: row.stored)
        #expect(choice.activates == row.activates, "\(choice.reason)")
    }

    @Test("A library somebody named must be there")
    func namedLibraryMissing() {
        #expect(throws: ConfigurationError.self) {
            _ = try loadLightGBM(configured: "/none/such.so", environment: [:])
        }
    }
}
