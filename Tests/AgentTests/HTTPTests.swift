import CZlib
import Telemetry
import Testing

@testable import Agent

@Suite struct HTTPTests {
    private func judge(_ text: String) -> HTTPRequest.Arrival { judge(Array(text.utf8)) }

    private func judge(_ bytes: [UInt8]) -> HTTPRequest.Arrival { bytes.withUnsafeBytes { HTTPRequest.judge($0) } }

    private func request(_ text: String) throws -> HTTPRequest {
        guard case .complete(let request) = judge(text) else {
            Issue.record("\(judge(text))")
            return HTTPRequest()
        }
        return request
    }

    @Test(
        "A request is understood",
        arguments: [
            ("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n", .get, .metrics, true),
            ("GET /metrics?x=1 HTTP/1.0\n\n", .get, .metrics, false),
            ("HEAD /healthz HTTP/1.1\r\n\r\n", .head, .health, true),
            ("POST /metricsx HTTP/1.1\r\n\r\n", .other, .other, true),
            ("GET / HTTP/1.1\r\nConnection: TE, close\r\n\r\n", .get, .other, false),
            ("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", .get, .other, true),
            ("GET / HTTP/1.1\r\nContent-Length: 0\r\n\r\n", .get, .other, true),
            ("GET / HTTP/1.1\r\nContent-Length: 1\r\n\r\n", .get, .other, false),
        ] as [(String, HTTPRequest.Method, HTTPRequest.Target, Bool)])
    func requests(text: String, method: HTTPRequest.Method, target: HTTPRequest.Target, keepsAlive: Bool) throws {
        let request = try request(text + "GET ")
        #expect(request.method == method)
        #expect(request.target == target)
        #expect(request.keepsAlive == keepsAlive)
        #expect(request.lengthBytes == text.utf8.count)
    }

    @Test(
        "A request without an end is waited for",
        arguments: ["", "GET /met", "GET / HTTP/1.1\r\nHost: a\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\r"])
    func incomplete(text: String) { #expect(judge(text) == .incomplete) }

    @Test(
        "What is no request is refused",
        arguments: [
            ("\r\n\r\n", .badRequest), ("GET /\r\n\r\n", .badRequest), ("get / HTTP/1.1\r\n\r\n", .badRequest),
            ("GET metrics HTTP/1.1\r\n\r\n", .badRequest), ("GET  / HTTP/1.1\r\n\r\n", .badRequest),
            ("GET /a b HTTP/1.1\r\n\r\n", .badRequest), ("GET /\u{01} HTTP/1.1\r\n\r\n", .badRequest),
            ("GET / FTP/1.1\r\n\r\n", .badRequest), ("GET / HTTP/2.0\r\n\r\n", .versionNotSupported),
            (String(repeating: "A", count: 17) + " / HTTP/1.1\r\n\r\n", .badRequest),
            ("GET / HTTP/1.1\r\nno colon\r\n\r\n", .badRequest), ("GET / HTTP/1.1\r\n: a\r\n\r\n", .badRequest),
            ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", .badRequest), ("GET / HTTP/1.1\r\n folded: a\r\n\r\n", .badRequest),
            ("GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", .badRequest),
        ] as [(String, HTTPStatus)])
    func refused(text: String, expected: HTTPStatus) { #expect(judge(text) == .refused(expected)) }

    @Test("A head that does not end is waited for up to 8 KiB", arguments: ["", "GET / HTTP/1.1\r\nA: "])
    func oversize(start: String) {
        let fitting = start + String(repeating: "x", count: HTTPRequest.limitBytes - start.utf8.count - 1)
        #expect(judge(fitting) == .incomplete)
        #expect(judge(fitting + "x") == .refused(.headerTooLarge))
        #expect(
            judge(String(repeating: "GET / HTTP/1.1\r\n" + String(repeating: "A: b\r\n", count: 3000), count: 1))
                == .refused(.headerTooLarge))
    }

    @Test("Bytes that are no text at all are refused")
    func binary() {
        #expect(judge([0x16, 0x03, 0x01, 0x0A, 0xFF]) == .refused(.badRequest))
    }

    @Test(
        "A scraper gets the format it ranks highest, and text when it ranks none",
        arguments: [
            ("", .prometheusText), ("*/*", .prometheusText), ("text/html", .prometheusText),
            ("application/openmetrics-text", .openMetrics),
            ("Application/OpenMetrics-Text ; Version=1.0.0", .openMetrics),
            ("application/openmetrics-text;version=0.0.1", .prometheusText),
            ("application/openmetrics-text;q=0", .prometheusText),
            ("application/openmetrics-text;q=x", .prometheusText),
            ("text/plain;version=0.0.4;q=0.9,application/openmetrics-text;version=1.0.0;q=0.8", .prometheusText),
            // What Prometheus 2.42 and 3.0 send.
            (
                "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                    + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", .openMetrics
            ),
            (
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;"
                    + "version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3",
                .openMetrics
            ),
            (",;,;q=,application/openmetrics-text;;", .openMetrics),
        ] as [(String, MetricsWriter.Format)])
    func accept(value: String, expected: MetricsWriter.Format) throws {
        #expect(try request("GET / HTTP/1.1\r\nAccept: \(value)\r\n\r\n").accepted.format == expected)
    }

    @Test(
        "Compression is for those who ask for it",
        arguments: [
            ("gzip", true), ("GZIP;q=0.1", true), ("br, gzip", true), ("gzip;q=0", false), ("gzip;q=0.000", false),
            ("deflate", false), ("xgzip", false), ("identity", false), ("", false),
        ])
    func acceptEncoding(value: String, expected: Bool) throws {
        #expect(try request("GET / HTTP/1.1\r\nAccept-Encoding: \(value)\r\n\r\n").acceptsGzip == expected)
    }

    @Test("A compressed page is the page, again and again")
    func gzip() throws {
        let gzip = Gzip()
        for size in [0, 1, 1000, 300_000] {
            let page = Array((0..<size).map { "inframind_x{cpu=\"\($0 % 7)\"} \($0)\n" }.joined().utf8)
            let compressed = try #require(page.withUnsafeBytes { gzip.compress($0).map { Array($0) } })
            if size > 999 { #expect(compressed.count < page.count / 4) }
            #expect(Self.decompress(compressed, limit: page.count + 1) == page)
        }
    }

    static func decompress(_ bytes: [UInt8], limit: Int) -> [UInt8]? {
        var stream = z_stream()
        guard inflateInit2_(&stream, 16 + 15, zlibVersion(), Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            return nil
        }
        defer { inflateEnd(&stream) }
        var input = bytes
        var output = [UInt8](repeating: 0, count: limit)
        let code = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                return inflate(&stream, Z_FINISH)
            }
        }
        return code == Z_STREAM_END ? Array(output[..<(limit - Int(stream.avail_out))]) : nil
    }

    @Test(
        "Base64 is decoded with or without padding",
        arguments: [
            ("", ""), ("Zg==", "f"), ("Zg", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Z", nil), ("Zg=g", nil),
            ("Zm9v\n", nil),
            ("Zm9vYmFy", "foobar"),
        ] as [(String, String?)])
    func base64(text: String, expected: String?) {
        var output = [UInt8](repeating: 0, count: 6)
        let count = Array(text.utf8).withUnsafeBytes { text in
            output.withUnsafeMutableBytes { Base64.decode(text, into: $0) }
        }
        #expect(count.map { String(decoding: output[..<$0], as: UTF8.self) } == expected)
        let small = Array("Zm9vYmFy".utf8).withUnsafeBytes { text in
            output.withUnsafeMutableBytes {
                Base64.decode(text, into: UnsafeMutableRawBufferPointer(rebasing: $0[..<3]))
            }
        }
        #expect(small == nil)
    }
}
