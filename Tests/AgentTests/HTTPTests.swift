import Testing

@testable import Agent

@Suite struct HTTPTests {
    @Test(
        "A request is understood, waited for, or refused",
        arguments: [
            ("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n", .complete(.init(method: "GET", path: "/metrics"))),
            ("GET /metrics?x=1 HTTP/1.0\n\n", .complete(.init(method: "GET", path: "/metrics"))),
            ("HEAD /healthz HTTP/1.1\r\n\r\n", .complete(.init(method: "HEAD", path: "/healthz"))),
            ("", .incomplete), ("GET /met", .incomplete), ("GET / HTTP/1.1\r\nHost: a\r\n", .incomplete),
            ("GET / HTTP/1.1\r\nHost: a\r\n\r", .incomplete),
            ("\r\n\r\n", .refused(.badRequest)), ("GET /\r\n\r\n", .refused(.badRequest)),
            ("get / HTTP/1.1\r\n\r\n", .refused(.badRequest)), ("GET metrics HTTP/1.1\r\n\r\n", .refused(.badRequest)),
            ("GET  / HTTP/1.1\r\n\r\n", .refused(.badRequest)), ("GET /a b HTTP/1.1\r\n\r\n", .refused(.badRequest)),
            ("GET /\u{01} HTTP/1.1\r\n\r\n", .refused(.badRequest)), ("GET / FTP/1.1\r\n\r\n", .refused(.badRequest)),
            ("GET / HTTP/2.0\r\n\r\n", .refused(.versionNotSupported)),
            (String(repeating: "A", count: 17) + " / HTTP/1.1\r\n\r\n", .refused(.badRequest)),
        ] as [(String, HTTPRequest.Arrival)])
    func requests(text: String, expected: HTTPRequest.Arrival) {
        #expect(HTTPRequest.judge(Array(text.utf8)) == expected)
    }

    @Test("A head that does not end is waited for up to 8 KiB", arguments: ["", "GET / HTTP/1.1\r\nA: "])
    func oversize(start: String) {
        let fitting = start + String(repeating: "x", count: HTTPRequest.limitBytes - start.utf8.count - 1)
        #expect(HTTPRequest.judge(Array(fitting.utf8)) == .incomplete)
        #expect(HTTPRequest.judge(Array((fitting + "x").utf8)) == .refused(.headerTooLarge))
    }

    @Test("Bytes that are no text at all are refused")
    func binary() {
        #expect(HTTPRequest.judge([0x16, 0x03, 0x01, 0x0A, 0xFF]) == .refused(.badRequest))
    }

    @Test("Answers carry their length, and HEAD gets the head alone")
    func answers() {
        let answer = HTTPResponse(.ok, contentType: "text/plain", body: "ü\n")
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\nConnection: close\r\n\r\n"
        #expect(String(decoding: answer.bytes(), as: UTF8.self) == head + "ü\n")
        #expect(String(decoding: answer.bytes(includesBody: false), as: UTF8.self) == head)
        let refusal = String(decoding: HTTPResponse(.methodNotAllowed).bytes(), as: UTF8.self)
        #expect(refusal.hasPrefix("HTTP/1.1 405 Method Not Allowed\r\n"))
        #expect(refusal.contains("\r\nAllow: GET, HEAD\r\n"))
        #expect(HTTPResponse(.headerTooLarge).body == "431 Request Header Fields Too Large\n")
        #expect(HTTPResponse(.versionNotSupported).body == "505 HTTP Version Not Supported\n")
    }
}
