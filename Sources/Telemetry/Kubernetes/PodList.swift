/// The pods of a node as the kubelet lists them at `/pods`: of each only its UID, labels and annotations.
///
/// The list has some ten kilobytes a pod, of which a few hundred bytes matter here. So it is read in one pass that
/// steps over everything else and keeps nothing of it, bounded in size, depth and number of pods.
public struct PodList: Sendable {
    public struct Pod: Hashable, Sendable {
        public var uid: String
        public var labels: [String: String] = [:]
        public var annotations: [String: String] = [:]

        /// A label, else the annotation of the same name: labels allow 63 characters and no slashes, which run ids of
        /// some CI systems have.
        public func value(_ key: String) -> String? { labels[key] ?? annotations[key] }
    }

    /// Largest answer read. 250 pods, beyond what Kubernetes supports on one node, at 64 KiB each.
    public static let limitBytes = 16 << 20
    private static let limitPods = 4096

    public private(set) var pods: [Pod] = []

    /// `nil` when `bytes` are not one JSON object, or too many.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count <= Self.limitBytes else { return nil }
        var reader = JSONCursor(bytes)
        var found: [Pod] = []
        let isWhole = reader.object { key, reader in
            guard key == "items" else { return reader.skipValue() }
            return reader.array { reader in
                guard found.count < Self.limitPods else { return reader.skipValue() }
                guard let pod = Self.pod(&reader) else { return false }
                if !pod.uid.isEmpty { found.append(pod) }
                return true
            }
        }
        guard isWhole, reader.isAtEnd else { return nil }
        pods = found
    }

    private static func pod(_ reader: inout JSONCursor) -> Pod? {
        var pod = Pod(uid: "")
        let isWhole = reader.object { key, reader in
            guard key == "metadata" else { return reader.skipValue() }
            return reader.object { key, reader in
                switch key {
                case "uid":
                    guard let uid = reader.string() else { return false }
                    pod.uid = uid
                    return true
                case "labels": return texts(&reader, into: &pod.labels)
                case "annotations":
                    // Static pods are known to the node by the hash of their manifest, and have another UID in the API.
                    guard texts(&reader, into: &pod.annotations) else { return false }
                    if let hash = pod.annotations["kubernetes.io/config.hash"] { pod.uid = hash }
                    return true
                default: return reader.skipValue()
                }
            }
        }
        return isWhole ? pod : nil
    }

    /// An object of texts, or `null`.
    private static func texts(_ reader: inout JSONCursor, into values: inout [String: String]) -> Bool {
        if reader.null() { return true }
        var found: [String: String] = [:]
        let isWhole = reader.object { key, reader in
            guard let value = reader.string() else { return false }
            found[key] = value
            return true
        }
        values = found
        return isWhole
    }
}
