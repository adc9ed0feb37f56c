import Builds
import Foundation
import Telemetry
import Testing

@testable import Agent

/// Reports against a server that answers everything there is to answer. Time is the test's own; sockets are real.
@Suite struct OutboxTests {
    let folder = NSTemporaryDirectory() + "inframind-outbox-" + UUID().uuidString

    private func outbox(_ server: FakeServer, tokenFile: String? = nil, spool: Bool = true) throws -> Outbox {
        Outbox(
            Outbox.Configuration(
                server: try ServerAddress(server.url + "/prefix/"), tokenFile: tokenFile, node: "node-1",
                spoolPath: spool ? folder : nil, chance: { 0.5 }))
    }

    private func step(
        _ run: String = "r-1", step: String? = "s-1", cpu: Double = 2, at seconds: Double = 0, isFinal: Bool = true
    ) throws -> StepReading {
        var usage = Usage()
        usage.userCPUSeconds = cpu
        usage.systemCPUSeconds = 0.5
        usage.peakMemoryBytes = 1 << 30
        usage.memorySource = .cgroupV2
        let values =
            ([run, step] as [String?]).map { $0.map { ProcessEnvironment.Value.text($0) } ?? .missing } + [.missing]
        let key = try #require(StepKey(environment: values))
        return StepReading(
            key: key, usage: usage, cpuSource: .exitRecords, time: Moment.test(seconds).time, isFinal: isFinal)
    }

    /// Drives until nothing is on its way; the clock of the test stands still meanwhile.
    private func drive(_ outbox: inout Outbox, at seconds: Double) throws {
        let deadline = monotonicSeconds() + 30
        outbox.advance(at: .test(seconds))
        while let interest = outbox.interest {
            try #require(monotonicSeconds() < deadline)
            var entry = pollfd(interest)
            poll(&entry, 1, 1000)
            outbox.advance(at: .test(seconds))
        }
    }

    @Test("A report is posted with the token, as the server reads it, and is gone from the spool")
    func posts() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let server = try FakeServer([.status(200)])
        defer { server.stop() }
        let token = folder + "-token"
        try "im_secret\n".write(toFile: token, atomically: true, encoding: .utf8)
        defer { unlink(token) }
        var outbox = try outbox(server, tokenFile: token)
        outbox.add(try step("run \"1\" \\ ü"))
        outbox.add(try step("r-2", step: nil))
        #expect(outbox.nextSeconds == 0)
        try drive(&outbox, at: 1)
        #expect(outbox.counts.sent == 2)
        #expect(outbox.spool.entries.isEmpty)
        #expect(outbox.nextSeconds == .infinity)
        let requests = server.requests
        try #require(requests.count == 2)
        #expect(requests[0].hasPrefix("POST /prefix/builds/step HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\n"))
        #expect(requests[0].contains("\r\nX-IM-Token: im_secret\r\n"))
        let bodies = try requests.map { request in
            let text = try #require(request.components(separatedBy: "\r\n\r\n").last)
            return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        }
        #expect(bodies[0]["run_id"] as? String == "run \"1\" \\ ü")
        #expect(bodies[0]["span_id"] as? String == "s-1")
        #expect(bodies[0]["event"] as? String == "usage")
        #expect(bodies[0]["stage"] as? String == "")
        #expect(bodies[0]["step"] as? String == "build")
        #expect(bodies[0]["final"] as? Bool == true)
        #expect(bodies[0]["timestamp"] as? String == Moment.test(0).time.rfc3339)
        let counters = try #require(bodies[0]["counters"] as? [String: Any])
        #expect(counters["cpu_time_s"] as? Double == 2.5)
        #expect(counters["cpu_user_s"] as? Double == 2)
        #expect(counters["cpu_system_s"] as? Double == 0.5)
        #expect(counters["cpu_source"] as? String == "exit_records")
        #expect(counters["peak_memory_bytes"] as? Int == 1 << 30)
        #expect(counters["memory_source"] as? String == "cgroup_v2")
        #expect(counters["oom_kills"] == nil)
        #expect(bodies[1]["span_id"] as? String == "node:node-1")
    }

    /// What is left after one answer.
    struct Case: CustomTestStringConvertible, Sendable {
        var answer: FakeServer.Answer
        var dropped: DropReason?
        var held: HoldReason?
        /// Seconds until the next attempt, of a kept report.
        var pause: Double?
        var testDescription: String { "\(answer)" }
    }

    @Test(
        "Each answer has its consequence",
        arguments: [
            Case(answer: .status(201)), Case(answer: .status(204, body: "")),
            Case(answer: .status(400), dropped: .refused), Case(answer: .status(409), dropped: .conflict),
            Case(answer: .status(413), dropped: .refused), Case(answer: .status(422), dropped: .refused),
            Case(answer: .status(401), held: .token, pause: 0.75),
            Case(answer: .status(403), held: .token, pause: 0.75),
            Case(answer: .status(404), pause: 3.75),
            Case(answer: .status(429, fields: "Retry-After: 17\r\n"), held: .busy, pause: 17),
            Case(answer: .status(503, fields: "Retry-After: 20\r\n"), held: .busy, pause: 20),
            Case(answer: .status(503, fields: "Retry-After: 9999999\r\n"), held: .busy, pause: 3600),
            Case(answer: .status(503, fields: "Retry-After: soon\r\n"), held: .busy, pause: 0.75),
            Case(answer: .status(500), held: .server, pause: 0.75),
            Case(answer: .status(302), held: .server, pause: 0.75),
            Case(answer: .hangUp, held: .connection, pause: 0.75),
            Case(answer: .bytes("SSH-2.0-x\r\n\r\n"), held: .connection, pause: 0.75),
            Case(answer: .bytes("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort"), held: .connection, pause: 0.75),
            Case(answer: .bytes("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n"), held: .connection, pause: 0.75),
            Case(answer: .bytes("HTTP/1.1 100 Go on\r\n\r\nHTTP/1.1 200 OK\r\n\r\nto the end")),
            Case(answer: .bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nok\r\n0\r\n\r\n")),
        ])
    func answers(_ row: Case) throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let server = try FakeServer([row.answer])
        defer { server.stop() }
        var outbox = try outbox(server)
        outbox.add(try step())
        try drive(&outbox, at: 10)
        #expect(outbox.drops == (row.dropped.map { [$0: 1] } ?? [:]))
        #expect(outbox.counts.failures == (row.held.map { [$0: 1] } ?? [:]))
        #expect(outbox.spool.entries.count == (row.pause == nil ? 0 : 1))
        #expect(outbox.counts.sent == (row.dropped == nil && row.pause == nil ? 1 : 0))
        #expect((outbox.trouble == nil) == (row.held == nil))
        if let pause = row.pause {
            #expect(abs(outbox.nextSeconds - Moment.test(10 + pause).monotonicSeconds) < 1e-6)
            // Nothing is tried before its time.
            try drive(&outbox, at: 10 + pause * 0.9)
            #expect(server.requests.count == 1)
        }
    }

    @Test("A run that stays unknown is asked about ever more rarely, for an hour, and holds up nobody")
    func unknown() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let server = try FakeServer([.status(404), .status(200), .status(404)])
        defer { server.stop() }
        var outbox = try outbox(server)
        outbox.add(try step("early"))
        outbox.add(try step("known"))
        try drive(&outbox, at: 0)
        #expect(outbox.counts.sent == 1)
        var attempts = 0
        while outbox.spool.entries.count == 1, attempts < 100 {
            try drive(&outbox, at: outbox.nextSeconds - 1000)
            attempts += 1
        }
        // 5, 10, 20 … 300 s of pause, three quarters of each: the hour holds less than two dozen.
        #expect((10...24).contains(attempts))
        #expect(outbox.drops == [.unknownRun: 1])
    }

    @Test("A server that is away is come back to with growing pauses, and gets everything in order")
    func away() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let gone = try FakeServer([.hangUp])
        var outbox = try outbox(gone)
        for index in 0..<3 { outbox.add(try step("r-\(index)", at: Double(index))) }
        var pauses: [Double] = []
        var now = 10.0
        for _ in 0..<11 {
            try drive(&outbox, at: now)
            pauses.append(outbox.nextSeconds - 1000 - now)
            now = outbox.nextSeconds - 1000
        }
        #expect(pauses.prefix(4).map { ($0 * 100).rounded() / 100 } == [0.75, 1.5, 3, 6])
        #expect(pauses.allSatisfy { $0 <= 300 })
        #expect(outbox.counts.failures == [.connection: 11])
        gone.stop()
    }

    @Test("A silent server is given up on at the deadline")
    func silent() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let server = try FakeServer([.silence])
        defer { server.stop() }
        var outbox = try outbox(server)
        outbox.add(try step())
        outbox.advance(at: .test(0))
        #expect(outbox.interest != nil)
        #expect(outbox.nextSeconds == Moment.test(10).monotonicSeconds)
        outbox.advance(at: .test(9.9))
        #expect(outbox.interest != nil)
        outbox.advance(at: .test(10))
        #expect(outbox.interest == nil)
        #expect(outbox.counts.failures == [.connection: 1])
        #expect(outbox.trouble == "127.0.0.1:\(server.port): no answer in time")
    }

    @Test("A name is looked up beside the loop; one that does not exist is a failure like any other")
    func names() throws {
        let server = try FakeServer([.status(200)])
        defer { server.stop() }
        for (host, sent) in [("localhost", 1), ("no-such-host.invalid", 0)] {
            var outbox = Outbox(
                Outbox.Configuration(
                    server: try ServerAddress("http://\(host):\(server.port)"), node: "n", chance: { 0.5 }))
            outbox.add(try step())
            try drive(&outbox, at: 0)
            #expect(outbox.counts.sent == sent)
            #expect(outbox.spool.entries.count == 1 - sent)
        }
    }

    @Test(
        "A later report of the same step takes the place of the earlier one, also when the clock was set back",
        arguments: [(false, 5.0), (true, 5), (true, -5)])
    func replaced(isFinal: Bool, seconds: Double) throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let server = try FakeServer([.status(200)])
        defer { server.stop() }
        var outbox = try outbox(server)
        outbox.add(try step(cpu: 1, at: 0, isFinal: false))
        outbox.add(try step(cpu: 7, at: seconds, isFinal: isFinal))
        try drive(&outbox, at: 6)
        #expect(server.requests.count == 1)
        #expect(server.requests.first?.contains("\"cpu_time_s\":7.5") == true)
        #expect(server.requests.first?.contains("\"final\":\(isFinal)") == true)
    }

    @Test("An early report of an unknown run is given up without a trace; the next is tried")
    func earlyUnknown() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let server = try FakeServer([.status(404), .status(200)])
        defer { server.stop() }
        var outbox = try outbox(server)
        outbox.add(try step(at: 0, isFinal: false))
        try drive(&outbox, at: 0)
        #expect(outbox.spool.entries.isEmpty)
        #expect(outbox.drops.isEmpty)
        #expect(outbox.nextSeconds == .infinity)
        outbox.add(try step(at: 60, isFinal: false))
        try drive(&outbox, at: 60)
        #expect(outbox.counts.sent == 1)
    }

    @Test("An early report that takes the place of a last one of an unknown run waits as patiently")
    func earlyInPlaceOfLast() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let server = try FakeServer([.status(404), .status(404), .status(200)])
        defer { server.stop() }
        var outbox = try outbox(server)
        outbox.add(try step(cpu: 1, at: 0))
        try drive(&outbox, at: 0)
        #expect(outbox.spool.entries.count == 1)
        // The step goes on. News is tried at once, and kept.
        outbox.add(try step(cpu: 2, at: 1, isFinal: false))
        try drive(&outbox, at: 1)
        #expect(server.requests.count == 2)
        #expect(outbox.spool.entries.count == 1)
        try drive(&outbox, at: outbox.nextSeconds - 1000)
        #expect(outbox.counts.sent == 1)
        #expect(outbox.spool.entries.isEmpty)
    }

    @Test(
        "The answer to an early report does not settle the last one, which came meanwhile", arguments: [200, 404, 409])
    func overtaken(status: Int) throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let server = try FakeServer([.waiting(status), .status(200)])
        defer { server.stop() }
        var outbox = try outbox(server)
        outbox.add(try step(cpu: 1, at: 0, isFinal: false))
        outbox.advance(at: .test(0))
        #expect(outbox.interest != nil)
        // What is on its way is on disk as well.
        #expect(ReportSpool(path: folder).entries.map(\.isKept) == [false])
        outbox.add(try step(cpu: 7, at: 0))
        server.release()
        try drive(&outbox, at: 0)
        #expect(server.requests.count == 2)
        #expect(server.requests.last?.contains("\"cpu_time_s\":7.5") == true)
        #expect(outbox.spool.entries.isEmpty)
    }

    @Test("Last reports leave before early ones")
    func order() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let server = try FakeServer([.status(200)])
        defer { server.stop() }
        var outbox = try outbox(server)
        outbox.add(try step("early", at: 0, isFinal: false))
        outbox.add(try step("last", at: 1))
        try drive(&outbox, at: 2)
        #expect(server.requests.map { $0.contains("\"run_id\":\"last\"") } == [true, false])
    }

    @Test(
        "A server's address is taken apart, or refused with a reason",
        arguments: [
            ("http://host", "host", 80, "", false), ("https://host/", "host", 443, "", true),
            ("HTTP://h:8080/a/b/", "h", 8080, "/a/b", false), ("http://[::1]:9", "::1", 9, "", false),
        ] as [(String, String, UInt16, String, Bool)])
    func addresses(text: String, host: String, port: UInt16, prefix: String, isSecure: Bool) throws {
        let address = try ServerAddress(text)
        #expect(address.host == host)
        #expect(address.port == port)
        #expect(address.prefix == prefix)
        #expect(address.isSecure == isSecure)
    }

    @Test(
        "No address is made of nonsense",
        arguments: [
            "", "host:80", "ftp://h", "http://", "http://:80", "http://h:0", "http://h:65536", "http://h:x",
            "http://[::1", "http://u@h", "http://h?x", "http://h/a b", "http://h\r\nX: y",
            "http://" + String(repeating: "h", count: 3000),
        ])
    func nonsense(text: String) {
        #expect(throws: ServerAddress.Invalid.self) { try ServerAddress(text) }
    }
}
