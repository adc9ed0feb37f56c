import Foundation
import Testing

@testable import Telemetry

@Suite struct SCCacheServerTests {
    /// Recorded from servers of these versions, with what `sccache --show-stats` made of the same answer.
    static let versions = ["0.3.3", "0.4", "0.5.3", "0.7.7", "0.10.0", "0.16.0"]

    private static func response(_ version: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: Fixture.path("sccache-\(version)/response.bin"))))
    }

    @Test("The answer of every version is read as its own client reads it", arguments: versions)
    func recorded(version: String) throws {
        let answer = try #require(SCCacheStatistics(serverResponse: Array(Self.response(version).dropFirst(4))))
        let shown = SCCacheStatistics(showStatsJSON: try Fixture.text("sccache-\(version)/show-stats.json"))
        #expect(answer == shown)
        #expect(answer.hits == ["C/C++": 3])
        #expect(answer.compileRequests == 8)
        #expect(answer.compileFailures == 1)
        #expect(answer.limitBytes == 10 << 30)
    }

    @Test("An answer cut anywhere, or with a byte too many, is refused", arguments: versions)
    func cut(version: String) throws {
        let answer = Array(try Self.response(version).dropFirst(4))
        // The answer of 0.5 is the one of 0.3 with the version behind it.
        let older = version == "0.5.3" ? answer.count - 8 - version.utf8.count : nil
        for length in answer.indices where length != older {
            #expect(SCCacheStatistics(serverResponse: Array(answer[..<length])) == nil, "\(length) bytes")
        }
        #expect(SCCacheStatistics(serverResponse: answer + [0]) == nil)
    }

    @Test("An answer with any byte changed is read or refused, and never more than that", arguments: versions)
    func changed(version: String) throws {
        let answer = Array(try Self.response(version).dropFirst(4))
        for index in answer.indices {
            for byte in [UInt8(0x00), 0x7F, 0xFF] {
                var answer = answer
                answer[index] = byte
                if let read = SCCacheStatistics(serverResponse: answer) { #expect(read.hits.count <= 16) }
            }
        }
        for kind in [UInt8(0), 3, 4, 5] {
            #expect(SCCacheStatistics(serverResponse: [kind, 0, 0, 0] + answer.dropFirst(4)) == nil, "another answer")
        }
    }

    @Test("The levels of a cache of caches are read past, located or not", arguments: [false, true])
    func levels(isLocated: Bool) throws {
        // The recorded answer says "no levels" in the byte before the place of the cache.
        let answer = Array(try Self.response("0.16.0").dropFirst(4))
        let place = Array("Local disk".utf8)
        let start = try #require(answer.indices.first { answer[$0...].starts(with: place) }) - 8
        func text(_ value: String) -> [UInt8] { [UInt8(value.utf8.count), 0, 0, 0, 0, 0, 0, 0] + Array(value.utf8) }
        let level =
            text("L0 (disk)") + (isLocated ? text("here") : []) + [UInt8](repeating: 3, count: 48)
            + [UInt8](repeating: 0, count: 24)
        let levels: [UInt8] = [1, 2, 0, 0, 0, 0, 0, 0, 0] + level + level
        let read = SCCacheStatistics(
            serverResponse: Array(answer[..<(start - 1)]) + levels + Array(answer[start...]))
        #expect(read != nil)
        #expect(read == SCCacheStatistics(serverResponse: answer))
    }

    /// Answers one connection with `bytes`, or with silence.
    private func serve(_ bytes: [UInt8]?, _ body: (SCCacheServer) -> Void) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, size) == 0 && listen(listener, 1) == 0 && getsockname(listener, $0, &size) == 0
            }
        }
        try #require(isBound)
        let done = DispatchSemaphore(value: 0)
        if let bytes {
            Thread.detachNewThread {
                let client = accept(listener, nil, nil)
                var request = [UInt8](repeating: 0, count: 8)
                var count = 0
                while count < 8 {
                    let more = recv(client, &request, 8 - count, 0)
                    guard more > 0 else { break }
                    count += more
                }
                _ = bytes.withUnsafeBytes { send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                close(client)
                done.signal()
            }
        }
        body(SCCacheServer(port: UInt16(bigEndian: address.sin_port), timeoutSeconds: bytes == nil ? 0.05 : 10))
        if bytes != nil { done.wait() }
    }

    private func outcome(_ server: SCCacheServer) -> Result<SCCacheStatistics, SCCacheServer.Failure> {
        do throws(SCCacheServer.Failure) { return .success(try server.statistics()) } catch { return .failure(error) }
    }

    @Test("A server is asked and answers")
    func asks() throws {
        try serve(Self.response("0.16.0")) { server in
            #expect((try? outcome(server).get())?.counts == CompilerCacheCounts(hits: 3, misses: 3))
        }
    }

    @Test(
        "What is no sccache is told from one that is not there",
        arguments: [
            Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8), [], [0, 0, 0], [0, 0, 0, 4, 9, 9, 9, 9],
            [0xFF, 0xFF, 0xFF, 0xFF], [0, 0, 1, 0, 2, 0, 0, 0],
        ] as [[UInt8]])
    func others(bytes: [UInt8]) throws {
        try serve(bytes) { server in
            guard case .failure(let failure) = outcome(server) else {
                Issue.record("believed")
                return
            }
            // A program that hangs up on what it has not read resets the connection.
            #expect(failure == .unknownAnswer || failure == .unreachable(ECONNRESET))
        }
    }

    @Test("A server that accepts and says nothing is waited for as long as agreed")
    func silent() throws {
        try serve(nil) { server in #expect(outcome(server) == .failure(.timedOut)) }
    }

    @Test("Where nobody listens, it is not running")
    func absent() throws {
        var port: UInt16 = 0
        try serve(nil) { port = $0.port }
        #expect(outcome(SCCacheServer(port: port)) == .failure(.notRunning))
    }
}
