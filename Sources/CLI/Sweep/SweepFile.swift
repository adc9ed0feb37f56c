import Builds
import Client

/// The file of `sweep --json`.
struct SweepFile: Encodable {
    struct Settings: Encodable {
        var jobs: Int?
        var cpu: Double?
        var mem_gb: Double?
        var duration_s: Double?
    }

    var command: [String]
    var cores: Int
    var points: [SweepCurve.Point]
    var recommended: Settings?
    var rationale: String?

    init(_ curve: SweepCurve, advice: SweepAdvice, command: [String], cores: Int) {
        self.command = command
        self.cores = cores
        points = curve.points
        rationale = advice.recommendation?.rationale
        recommended = advice.recommendation.map {
            Settings(
                jobs: $0.settings.jobs, cpu: $0.settings.cpuMillicores.map(Units.cores(millicores:)),
                mem_gb: $0.settings.memoryBytes.map(Units.gib(bytes:)), duration_s: $0.prediction.durationSecondsP50)
        }
    }

    /// - Throws: ``FileError``, or what the encoder throws.
    func write(to path: String) throws {
        try Folder.write(Array((try prettyJSON(self) + "\n").utf8), to: path, mode: 0o644)
    }
}
