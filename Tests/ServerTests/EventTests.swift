import Builds
import Testing

@testable import Server

@Suite("Events tell what an operator may want to look at")
struct EventTests {
    @Test("A memory spike becomes an event of its pipeline, with the numbers before and after, and survives a restart")
    func spike() async throws {
        let server = TestServer()
        defer { server.remove() }
        try await server.run { api in
            #expect(try await api.get("/events").json["events"].count == 0)
            for number in 1...20 {
                let peak = number == 20 ? 9_000_000_000 : 1_000_000_000 + (number % 3) * 10_000_000
                let ingested = try await api.post(
                    "/runs", BuildReports.wholeRun(number, pipeline: "a", peakBytes: peak))
                #expect(ingested.status == 201, "\(ingested.text)")
            }
        }
        try await server.run { api in
            let events = try await api.get("/events").json["events"]
            let event = events[0]
            #expect(event["kind"] == "anomaly" && event["pipeline"] == "a" && event["unit"] == "gb")
            let (before, after) = (event["before"].numberValue ?? 9, event["after"].numberValue ?? 0)
            #expect(before < 2 && after > 8, "\(events)")
            #expect(try await api.get("/events?pipeline=b").json["events"].count == 0)
            #expect(try await api.get("/events?pipeline=a").json["events"].count == events.count)
            #expect(try await api.get("/events", token: "wrong").status == 403)
        }
    }
}
