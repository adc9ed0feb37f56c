import Builds
import Foundation

@testable import Optimizer

/// The first builds of a package CI; see Fixtures/README.md. The file has no quotes, so splitting at commas reads it.
enum SpackExcerpt {
    static let path = URL(filePath: #filePath).deletingLastPathComponent().appending(
        path: "Fixtures/spack-builds-300.csv"
    ).path

    static func history() throws -> RecordedHistory {
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").dropFirst()
        var groups: [[String]: Int] = [:]
        let builds = try lines.map { line in
            let cells = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            let (package, arch, compiler, version) = (cells[1], cells[2], cells[3], cells[4])
            let names = [[package, compiler, version, arch], [package, compiler], [package], []]
            let numbers = names.map { name in
                let number = groups[name] ?? groups.count
                groups[name] = number
                return number
            }
            var context = BuildContext()
            context.tool = compiler
            context.image = "\(compiler)-\(arch)"
            context.branch = "main"
            context.extra = ["compiler_version": .string(version)]
            return RecordedBuild(
                question: BuildQuestion(
                    step: StepIdentity(pipeline: package, step: "build"), context: context, groups: numbers),
                result: BuildResult(
                    peakGiB: try number(cells[8]) / Units.bytesPerGiB, wallSeconds: try number(cells[5])))
        }
        return RecordedHistory(builds: builds, sizeLevel: 2, hasDurations: true, memoryCapGiB: 64)
    }

    private static func number(_ text: String) throws -> Double {
        guard let number = Double(text) else { throw CocoaError(.formatting) }
        return number
    }
}

/// Builds of one pipeline with these peaks, an hour each.
func recordedHistory(
    peaksGiB: [Double], requestedGiB: [Double?] = [], capGiB: Double = 64, wallSeconds: Double = 3600
) -> RecordedHistory {
    RecordedHistory(
        builds: peaksGiB.enumerated().map { index, peak in
            RecordedBuild(
                question: BuildQuestion(
                    step: StepIdentity(pipeline: "app", step: "build"),
                    requestedGiB: index < requestedGiB.count ? requestedGiB[index] : nil, groups: [1, 0]),
                result: BuildResult(peakGiB: peak, wallSeconds: wallSeconds))
        }, sizeLevel: 0, hasDurations: true, memoryCapGiB: capGiB)
}
