import Foundation
import Scaffolding
import Testing

/// An OpenID Connect provider that is none of ours (oidc-provider-mock from the Python package index), on 127.0.0.1.
final class OpenIDProvider {
    /// As it calls itself.
    let url: String
    private let process: Process
    /// When this closes, the provider is killed.
    private let input: FileHandle

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// The program; `nil` where it cannot be had. On a build server its lack is a failure.
    static let program: URL? = {
        let found = try? Binaries.run(
            root.appending(path: "scripts/python-tools"), ["openid", "Tests/SystemTests/OpenID/requirements.txt"])
        guard let found, found.status == 0, let folder = found.output.split(separator: "\n").last else { return nil }
        return URL(filePath: String(folder)).appending(path: "bin/oidc-provider-mock")
    }()

    static let isAvailable = program != nil || ProcessInfo.processInfo.environment["CI"] != nil

    /// The shell kills it when its own standard input ends.
    private static let script = """
        "$0" "$@" >/dev/null 2>&1 &
        cat; kill -9 $! 2>/dev/null
        """

    /// - Parameter user: claims of the one person it knows, as JSON.
    init(user: String) async throws {
        let port = try LoopbackSocket.freePort()
        url = "http://127.0.0.1:\(port)"
        let pipe = Pipe()
        process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = [
            "-c", Self.script, try #require(Self.program).path, "--port", "\(port)", "--require-nonce", "true",
            "--user-claims", user,
        ]
        process.standardInput = pipe
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        input = pipe.fileHandleForWriting
        let place = url + "/.well-known/openid-configuration"
        try #require(
            try await happens {
                try Binaries.run(URL(filePath: "/usr/bin/curl"), ["--silent", "--fail", "--max-time", "5", place])
                    .status
                    == 0
            }, "The provider did not start")
    }

    deinit {
        try? input.close()
        process.waitUntilExit()
    }
}
