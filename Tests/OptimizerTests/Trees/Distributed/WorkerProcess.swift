import Foundation
import Testing

@testable import Optimizer

/// One real worker process, which does what `inframind-server train-worker` does.
final class WorkerProcess: Sendable {
    private let process: Process
    private let output = Pipe()
    private let complaints = Pipe()

    /// - Parameter flags: by name, without the dashes.
    init(_ flags: [String: String]) throws {
        process = Process()
        process.executableURL = URL(filePath: LightGBMSearch.runningExecutableFolder + "/TrainWorkerFixture")
        process.arguments = flags.flatMap { ["--\($0.key)", $0.value] }
        process.environment = ["INFRAMIND_LIGHTGBM": try #require(LightGBMLocation.path)]
        process.standardOutput = output
        process.standardError = complaints
        try process.run()
    }

    deinit { kill() }

    func kill() {
        if process.isRunning { Foundation.kill(process.processIdentifier, SIGKILL) }
    }

    /// Waits until LightGBM says that the process is joined with the others.
    func waitUntilJoined() throws {
        var text = ""
        while !text.contains("Local rank") {
            let data = output.fileHandleForReading.availableData
            try #require(!data.isEmpty, "the worker ended: \(text)")
            text += String(decoding: data, as: UTF8.self)
        }
    }

    /// What it said on standard error, and how it ended.
    func end() throws -> (status: Int32, complaint: String) {
        let data = try complaints.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }
}
