import Foundation
import Scaffolding
import Testing

@testable import Agent

/// What the program weighs. Bounds are a good third above what was measured, and far below any exporter.
@Suite struct FootprintTests {
    /// A static release binary, as `make build-agent` makes it.
    static let released = ProcessInfo.processInfo.environment["INFRAMIND_AGENT_STATIC"]
    private static let howToRelease: Comment =
        "INFRAMIND_AGENT_STATIC must name the binary that `make build-agent` makes"

    private func output(of program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(program) \(arguments)")
        return text
    }

    /// Names of the shared libraries the program at `path` loads.
    private func libraries(of path: String) throws -> [String] {
        try output(of: "/usr/bin/ldd", [path]).split(separator: "\n").compactMap { line in
            line.split(whereSeparator: \.isWhitespace).first.map { String($0.split(separator: "/").last ?? $0) }
        }
    }

    @Test(
        "It loads neither Foundation nor Unicode's library nor OpenSSL",
        .enabled(if: AgentProgramTests.program != nil, "the program has not been built"))
    func linksLittle() throws {
        let libraries = try libraries(of: #require(AgentProgramTests.program).path)
        #expect(libraries.contains { $0.hasPrefix("libc.so") })
        for word in ["Foundation", "ICU", "icu", "ssl", "crypto", "NIO"] {
            #expect(!libraries.contains { $0.contains(word) }, "\(libraries)")
        }
    }

    @Test("Released, it needs the C library and nothing else", .enabled(if: released != nil, howToRelease))
    func linksCLibrary() throws {
        let libraries = try libraries(of: #require(Self.released))
        let expected = ["linux-vdso.so", "libc.so", "libm.so", "ld-linux"]
        #expect(libraries.allSatisfy { name in expected.contains { name.hasPrefix($0) } }, "\(libraries)")
    }

    @Test("Released and stripped, it is smaller than 10 MB", .enabled(if: released != nil, howToRelease))
    func stripped() throws {
        let folder = try TemporaryFolder()
        let copy = folder.path + "/agent"
        try FileManager.default.copyItem(atPath: #require(Self.released), toPath: copy)
        _ = try output(of: "/usr/bin/strip", [copy])
        let size = try #require(FileManager.default.attributesOfItem(atPath: copy)[.size] as? Int)
        #expect(size < 10_000_000)
    }

    @Test("Released, it stays small, idle and scraped", .enabled(if: released != nil, howToRelease))
    func memory() throws {
        let process = Process()
        process.executableURL = URL(filePath: try #require(Self.released))
        process.arguments = ["--listen", "127.0.0.1:0"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        defer { process.terminate() }
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        let text = try #require(line.firstMatch(of: /http:\/\/([^\/]+)\//)?.1)
        let client = try Client(try #require(ListenAddress(String(text))))
        func bytes(_ name: String) throws -> Int {
            let rollup = try String(contentsOfFile: "/proc/\(process.processIdentifier)/smaps_rollup", encoding: .utf8)
            let line = try #require(rollup.split(separator: "\n").first { $0.hasPrefix(name + ":") })
            return try #require(Int(line.split(separator: " ")[1])) * 1024
        }
        // What it holds for itself. The rest are pages of its own file and of the C library, which the kernel maps in greater
        // or smaller pieces as they happen to lie in its cache: 2.5 to 8.5 MB were seen, of the same binary.
        #expect(try bytes("Pss_Anon") < 1_000_000)
        #expect(try bytes("Rss") < 10_000_000)
        for _ in 0..<100 {
            client.send("GET /metrics HTTP/1.1\r\nAccept-Encoding: gzip\r\n\r\n")
            client.send("GET /healthz HTTP/1.1\r\n\r\n")
            _ = client.nextAnswer()
            _ = client.nextAnswer()
        }
        #expect(try bytes("Pss_Anon") < 1_500_000)
        #expect(try bytes("Rss") < 10_000_000)
    }
}
