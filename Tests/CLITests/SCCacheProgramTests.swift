import Foundation
import Telemetry
import Scaffolding
import Testing

@testable import CLI

@Suite struct SCCacheProgramTests {
    /// A client that answers with the counters of a real one.
    private static func client(in folder: TemporaryFolder, script: String) throws {
        let path = folder.path + "/sccache"
        try "#!/bin/sh\n\(script)\n".write(toFile: path, atomically: true, encoding: .utf8)
        chmod(path, 0o755)
    }

    private static let answer =
        #"echo '{"stats":{"cache_hits":{"counts":{"C/C++":3,"Rust":1}},"cache_misses":{"counts":{"C/C++":2}}}}'"#

    @Test("A server that listens is asked; its client is not started otherwise")
    func asked() throws {
        let folder = try TemporaryFolder()
        try Self.client(in: folder, script: "touch '\(folder.path)/started'; " + Self.answer)
        let listener = try LoopbackServer { _ in .silence }
        defer { listener.stop() }
        func server(port: UInt16) -> SCCacheProgram? {
            SCCacheProgram(environment: [
                "PATH": folder.path, "RUSTC_WRAPPER": "/usr/bin/sccache", "SCCACHE_SERVER_PORT": "\(port)",
            ])
        }
        // Nobody listens at port 9 of loopback.
        #expect(try #require(server(port: 9)).counts() == nil)
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/started"))
        #expect(try #require(server(port: listener.port)).counts() == CompilerCacheCounts(hits: 4, misses: 2))
    }

    @Test(
        "A client that hangs, fails or talks rubbish counts nothing",
        arguments: ["sleep 60", "exit 1", "yes", "echo {"])
    func useless(script: String) throws {
        let folder = try TemporaryFolder()
        try Self.client(in: folder, script: "PATH=/usr/bin:/bin\n" + script)
        let listener = try LoopbackServer { _ in .silence }
        defer { listener.stop() }
        let begun = ContinuousClock.now
        let server = SCCacheProgram(environment: ["PATH": folder.path, "SCCACHE_SERVER_PORT": "\(listener.port)"])
        #expect(try #require(server).counts() == nil)
        #expect(begun.duration(to: .now) < .seconds(5))
    }

    @Test("Where nothing speaks of sccache nobody is asked")
    func unused() throws {
        let folder = try TemporaryFolder()
        try Self.client(in: folder, script: Self.answer)
        #expect(SCCacheProgram(environment: ["PATH": folder.path, "CC": "gcc"]) == nil)
        #expect(SCCacheProgram(environment: ["PATH": "/nowhere", "CC": "sccache gcc"]) == nil)
    }
}
