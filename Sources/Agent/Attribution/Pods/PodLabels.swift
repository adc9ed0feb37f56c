import Glibc
import Telemetry

/// What a pod says of itself in the files of its own downward API volumes, which lie on the node's disk: no network, no
/// rights in the cluster.
///
/// Only files called `labels` or `annotations` are looked for, in `downwardAPI` and in `projected` volumes.
enum PodLabels {
    private static let plugins = ["kubernetes.io~downward-api", "kubernetes.io~projected"]
    private static let mostVolumes = 64

    /// `nil` when there are no such files, or not yet.
    static func key(podUID: String, kubeletPaths: [String]) -> StepKey? {
        var values: [String: String] = [:]
        let folders = kubeletPaths.flatMap { path in plugins.map { "\(path)/pods/\(podUID)/volumes/\($0)" } }
        for folder in folders {
            for volume in names(folder) {
                for file in ["annotations", "labels"] {
                    guard let found = DownwardAPIFile.read("\(folder)/\(volume)/\(file)") else { continue }
                    values.merge(found) { _, new in new }
                }
            }
        }
        return StepKey(labels: { values[$0] })
    }

    private static func names(_ folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while names.count < mostVolumes, let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }
}
