import Foundation
import Scaffolding

/// The built `inframind`, run as a user runs it.
struct Binary: Sendable {
    /// Beside the test bundle; `INFRAMIND_BIN_DIR` names another place.
    static let path: String = {
        let name = "/inframind"
        if let folder = ProcessInfo.processInfo.environment["INFRAMIND_BIN_DIR"] { return folder + name }
        let beside = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path + name
        if FileManager.default.isExecutableFile(atPath: beside) { return beside }
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return root.path + "/.build/debug" + name
    }()

    struct Result: Sendable {
        var status: Int32
        var output: String
        var diagnostics: String
        var seconds: Double
    }

    let folder: TemporaryFolder
    var environment: [String: String]

    /// - Parameter server: address of the server; nobody listens at port 9 of loopback.
    init(server: String = "http://127.0.0.1:9") throws {
        folder = try TemporaryFolder()
        environment = [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/bin:/usr/bin", "HOME": folder.path,
            "TMPDIR": folder.path, "INFRAMIND_URL": server, "INFRAMIND_SPOOL": folder.path + "/spool",
        ]
        // Coverage of the child, where the tests are run with it.
        environment["LLVM_PROFILE_FILE"] = ProcessInfo.processInfo.environment["LLVM_PROFILE_FILE"]
    }

    var spooled: [String] { folder.names("spool").filter { $0.hasSuffix(".json") } }

    /// Starts it with these three descriptors.
    func start(
        _ arguments: [String], executable: String = Binary.path, input: Int32, output: Int32, diagnostics: Int32 = 2
    ) throws -> SpawnedProcess {
        try SpawnedProcess(
            executable, arguments, environment: environment, directory: folder.path, input: input, output: output,
            diagnostics: diagnostics)
    }

    /// Runs to the end. Outputs go to files, so that a daemon that keeps them open holds up nobody.
    func callAsFunction(_ arguments: [String], input: String = "", executable: String = Binary.path) throws -> Result {
        let stem = folder.path + "/" + UUID().uuidString
        for suffix in [".out", ".err"] { _ = FileManager.default.createFile(atPath: stem + suffix, contents: nil) }
        try input.write(toFile: stem + ".in", atomically: false, encoding: .utf8)
        let files = (
            try FileHandle(forReadingFrom: URL(fileURLWithPath: stem + ".in")),
            try FileHandle(forWritingTo: URL(fileURLWithPath: stem + ".out")),
            try FileHandle(forWritingTo: URL(fileURLWithPath: stem + ".err"))
        )
        let begun = ContinuousClock.now
        let process = try start(
            arguments, executable: executable, input: files.0.fileDescriptor, output: files.1.fileDescriptor,
            diagnostics: files.2.fileDescriptor)
        let status = process.wait()
        let seconds = begun.duration(to: .now) / .seconds(1)
        func text(_ suffix: String) -> String { (try? String(contentsOfFile: stem + suffix, encoding: .utf8)) ?? "" }
        return Result(status: status, output: text(".out"), diagnostics: text(".err"), seconds: seconds)
    }

    func run(_ command: [String], options: [String] = [], input: String = "") throws -> Result {
        try self(["run"] + options + ["--"] + command, input: input)
    }
}
