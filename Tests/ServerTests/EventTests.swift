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
            // It is marked on the run, which is found by its own name and by its number.
            let run = try #require(event["run_id"].stringValue)
            #expect(run == "a#20")
            for name in ["a%2320", "20"] {
                let marked = try await api.get("/runs/\(name)").json
                #expect(marked["run_id"] == .string(run) && marked["events"] == .array([event]), "\(marked)")
                #expect(marked["steps"][0]["counters"]["exit_code"] == 0 && marked["status"] == "success")
            }
            #expect(try await api.get("/runs/a%2319").json["events"] == .array([]))
            #expect(try await api.get("/events?run_id=a%2320").json["events"] == .array([event]))
            #expect(try await api.get("/events?limit=0").status == 422)
            #expect(try await api.get("/runs/none").status == 404)
        }
    }

    @Test("History tells what was learned from, a page at a time, of one pipeline or of all")
    func history() async throws {
        try await withServer { api in
            for number in 1...5 {
                let pipeline = number == 3 ? "b" : "a"
                _ = try await api.post("/runs", BuildReports.wholeRun(number, pipeline: pipeline))
            }
            var names: [String] = []
            var after: Double? = 0
            while let from = after {
                let page = try await api.get("/history?limit=2&after=\(Int(from))").json
                #expect(page["builds"].count <= 2)
                for index in 0..<page["builds"].count {
                    names.append(page["builds"][index]["run_id"].stringValue ?? "")
                }
                after = page["next"].numberValue
            }
            #expect(names == ["a#1", "a#2", "b#3", "a#4", "a#5"])
            let ofB = try await api.get("/history?pipeline=b").json
            #expect(ofB["builds"].count == 1 && ofB["next"] == .null)
            let build = ofB["builds"][0]
            #expect(build["pipeline"] == "b" && build["status"] == "success" && build["attempt"] == 1)
            #expect(build["counters"]["rss_max_bytes"].numberValue ?? 0 > 0)
            for query in ["after=-1", "after=x", "limit=0", "limit=1001"] {
                #expect(try await api.get("/history?\(query)").status == 422, "\(query)")
            }
            #expect(try await api.get("/history", token: "wrong").status == 403)
        }
    }
}
