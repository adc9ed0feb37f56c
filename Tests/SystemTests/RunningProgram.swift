import Foundation

/// A real program that runs beside the test, and says with its first line where it listens.
final class RunningProgram {
    let firstLine: String
    private let process: Process
    private let output: Pipe

    /// Starts the program and returns once it has printed a line, or has ended.
    init(_ executable: URL, _ arguments: [String]) throws {
        process = Process()
        process.executableURL = executable
        process.arguments = arguments
        process.environment = Binaries.environment
        output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        var line = Data()
        // One byte at a time: what follows the line stays in the pipe.
        while let byte = try output.fileHandleForReading.read(upToCount: 1), byte.first != 0x0A { line += byte }
        firstLine = String(decoding: line, as: UTF8.self)
    }

    /// It printed something else than where it listens.
    struct Unstarted: Error { var output: String }

    var processID: Int32 { process.processIdentifier }

    /// Ends it as a crash or the OOM killer would.
    func kill() {
        if process.isRunning { Foundation.kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }

    /// Asks it to end; returns its exit status.
    func stop() -> Int32 {
        process.terminate()
        process.waitUntilExit()
        return process.terminationStatus
    }

    deinit { if process.isRunning { kill() } }
}
